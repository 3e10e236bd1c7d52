package fermata

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"fermata.dev/clients/go/fermatav1"
)

// intruderPause is how often a host is looked at on which servers are although it is held empty.
const intruderPause = 5 * time.Second

// maxReason is the longest reason that the contract allows, in characters.
const maxReason = 1_024

// Handlers are what [Operator.Follow] calls.
type Handlers struct {
	// OnHostReady works on a host that is empty and held. When it returns nil the host is completed; an error fails it, with the
	// error as the reason. It is called for several hosts at once if the session allows that. Its context is done when the host
	// is not in maintenance any more, or when Follow ends. After a restart of the caller it is called again for a host that is
	// still held, so it must find out what was done before. nil: somebody else completes hosts.
	OnHostReady func(context.Context, *fermatav1.SessionHost) error
	// OnEvent sees each event of the session, in order. An error ends Follow.
	OnEvent func(context.Context, *fermatav1.SessionEvent) error
}

// Follow takes a session to its end and returns its report. A session that is FAILED has not ended: it waits until somebody
// resumes it, skips hosts or cancels it, and so does Follow. While the server is away Follow waits.
//
// The error is that of ctx, that of OnEvent, or an [*Error]: of the watch, such as SESSION_NOT_FOUND, of CompleteHost or FailHost,
// or of GetSessionReport.
func (o *Operator) Follow(ctx context.Context, sessionID string, handlers Handlers) (*fermatav1.SessionReport, error) {
	f := &follow{
		Operator: o, Handlers: handlers, session: sessionID,
		log: cmp.Or(o.Logger, slog.Default()).With("session", sessionID), hosts: map[string]context.CancelFunc{},
	}
	if err := f.watch(ctx); err != nil {
		return nil, err
	}
	var report *fermatav1.SessionReport
	err := persist(ctx, func() (err error) {
		report, err = o.Report(ctx, sessionID)
		return err
	})
	return report, err
}

// follow is one call of Follow.
type follow struct {
	*Operator
	Handlers
	session string
	log     *slog.Logger
	work    sync.WaitGroup
	// hosts has the hosts that are worked on, and what cancels that.
	hosts map[string]context.CancelFunc
}

func (f *follow) watch(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer f.work.Wait()
	defer fail(nil)
	for item, err := range WatchSession(ctx, f.Connection, &fermatav1.WatchSessionRequest{SessionId: f.session}) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case item.Connected:
			f.log.Debug("the stream is open")
		case item.Interrupted != nil:
			f.log.Warn("the stream was interrupted", "cause", item.Interrupted.Cause, "error", item.Interrupted.Err,
				"again_in", item.Interrupted.RetryIn)
		case item.Snapshot != nil:
			f.snapshot(ctx, fail, item.Snapshot)
		default:
			if host := item.Event.GetHost(); host != nil {
				f.host(ctx, fail, host.GetHost(), host.GetState())
			}
			if f.OnEvent != nil {
				if err := f.OnEvent(ctx, item.Event); err != nil {
					return err
				}
			}
		}
		if ended(item.Snapshot.GetSession().GetStatus().GetState()) || ended(item.Event.GetSession().GetState()) {
			return nil
		}
	}
	return ctx.Err()
}

func ended(state fermatav1.SessionState) bool {
	return state == fermatav1.SessionState_SESSION_STATE_COMPLETED || state == fermatav1.SessionState_SESSION_STATE_CANCELLED
}

func (f *follow) snapshot(ctx context.Context, fail context.CancelCauseFunc, snapshot *fermatav1.SessionSnapshot) {
	for _, host := range snapshot.GetHosts() {
		f.host(ctx, fail, host.GetHost(), host.GetState())
	}
}

// host begins or cancels the work on a host.
func (f *follow) host(ctx context.Context, fail context.CancelCauseFunc, name string, state fermatav1.SessionHostState) {
	cancel, busy := f.hosts[name]
	switch held := state == fermatav1.SessionHostState_SESSION_HOST_STATE_IN_MAINTENANCE; {
	case busy && !held:
		cancel()
		delete(f.hosts, name)
	case !busy && held && f.OnHostReady != nil:
		ctx, cancel := context.WithCancel(ctx)
		f.hosts[name] = cancel
		f.work.Add(1)
		go func() {
			defer f.work.Done()
			if err := f.workOn(ctx, name); err != nil && ctx.Err() == nil {
				fail(err)
			}
		}()
	}
}

// workOn lets the work be done on a host, and gives the host back.
func (f *follow) workOn(ctx context.Context, name string) error {
	host, err := f.find(ctx, name)
	for err == nil && len(host.GetIntruderServerIds()) > 0 {
		f.log.Error("servers are on a host that is held empty; its work waits", "host", name, "servers", host.GetIntruderServerIds())
		if !pause(ctx, intruderPause) {
			return nil
		}
		host, err = f.find(ctx, name)
	}
	if err != nil || host == nil {
		return err
	}
	failure := f.OnHostReady(ctx, host)
	if ctx.Err() != nil {
		return nil
	}
	// Not a new one for each try: the host is given back once, also if the first answer was lost.
	id := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, f.session, name, host.GetEmptyTime().AsTime(), failure)))
	err = persist(ctx, func() (err error) {
		if failure == nil {
			_, err = f.Connection.Sessions().CompleteHost(ctx, &fermatav1.CompleteHostRequest{SessionId: f.session, Host: name, RequestId: id})
		} else {
			_, err = f.Connection.Sessions().FailHost(ctx,
				&fermatav1.FailHostRequest{SessionId: f.session, Host: name, Reason: reason(failure), RequestId: id})
		}
		return err
	})
	if failure != nil {
		f.log.Warn("the work on a host failed", "host", name, "error", failure)
	}
	if ReasonOf(err) == fermatav1.ErrorReason_ERROR_REASON_WRONG_STATE {
		f.log.Warn("somebody else gave the host back", "host", name, "error", err)
		return nil
	}
	return err
}

// persist makes a call until it succeeds, or fails in a way that trying again cannot mend.
func persist(ctx context.Context, call func() error) error {
	waits := newWaits(watchDefaults.firstWait, watchDefaults.longestWait)
	for {
		err := call()
		if err == nil || judge(asError(err), false) == giveUp || !pause(ctx, waits.take(asError(err).RetryAfter)) {
			return err
		}
	}
}

// find reads a host that is in maintenance. nil: it is not any more, or servers are on it.
func (f *follow) find(ctx context.Context, name string) (*fermatav1.SessionHost, error) {
	request := &fermatav1.ListSessionHostsRequest{SessionId: f.session, Filter: &fermatav1.SessionHostFilter{
		States: []fermatav1.SessionHostState{fermatav1.SessionHostState_SESSION_HOST_STATE_IN_MAINTENANCE},
	}}
	for {
		var page *fermatav1.ListSessionHostsResponse
		err := persist(ctx, func() (err error) {
			page, err = f.Connection.Sessions().ListSessionHosts(ctx, request)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, host := range page.GetHosts() {
			if host.GetHost() == name {
				return host, nil
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil, nil
		}
	}
}

// reason is an error as the contract takes it.
func reason(err error) string {
	text := err.Error()
	if utf8.RuneCountInString(text) <= maxReason {
		return text
	}
	return string([]rune(text)[:maxReason-3]) + "..."
}
