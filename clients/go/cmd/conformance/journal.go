package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// journal is a file with one JSON object per line.
type journal struct {
	mutex sync.Mutex
	file  *os.File
}

type fields map[string]any

func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: file}, nil
}

func (j *journal) close() { _ = j.file.Close() }

// write adds a line. Without a journal nothing can be judged, so that a failure ends the program.
func (j *journal) write(kind string, f fields) {
	f["kind"] = kind
	f["at"] = float64(time.Now().UnixMicro()) / 1e6
	line, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		fmt.Fprintln(os.Stderr, "conformance: cannot write the journal:", err)
		os.Exit(1)
	}
}

// item writes what a watch yields.
func (j *journal) item(item fermata.OwnerItem) {
	switch {
	case item.Snapshot != nil:
		servers, notifications := []string{}, [][3]any{}
		for _, server := range item.Snapshot.GetServers() {
			servers = append(servers, server.GetServerId())
		}
		for _, n := range item.Snapshot.GetNotifications() {
			notifications = append(notifications, [3]any{n.GetId(), n.GetPlanRevision(), state(n)})
		}
		j.write("snapshot", fields{"sequence": item.Position.Sequence, "store_id": item.Position.StoreID,
			"servers": servers, "notifications": notifications})
	case item.Event != nil:
		f := fields{"sequence": item.Position.Sequence, "plan_revision": 0}
		switch e := item.Event.GetEvent().(type) {
		case *fermatav1.OwnerEvent_Notification:
			f["what"], f["id"], f["change"], f["plan_revision"] = "notification", e.Notification.GetId(), state(e.Notification), e.Notification.GetPlanRevision()
		case *fermatav1.OwnerEvent_Server:
			f["what"], f["id"], f["change"] = "server", e.Server.GetServerId(), strings.TrimPrefix(e.Server.GetChange().String(), "SERVER_CHANGE_")
		case *fermatav1.OwnerEvent_Session:
			f["what"], f["id"], f["change"] = "session", e.Session.GetSessionId(), strings.TrimPrefix(e.Session.GetChange().String(), "OWNER_SESSION_CHANGE_")
		}
		j.write("event", f)
	case item.Connected:
		j.write("connected", fields{})
	default:
		j.write("interrupted", fields{"cause": item.Interrupted.Cause, "code": fermata.ErrorName(item.Interrupted.Err)})
	}
}

func state(n *fermatav1.Notification) string {
	return strings.TrimPrefix(n.GetState().String(), "NOTIFICATION_STATE_")
}
