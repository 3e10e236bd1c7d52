package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// vnf stands for the network function. Its state is in a file, as that of a real one is in the function itself.
type vnf struct {
	file    string
	members [2]string
	mutex   sync.Mutex
	state   state
}

type state struct {
	// Active is the member that has the traffic.
	Active string `json:"active"`
	// Removed are the servers that were deleted to make room, by session.
	Removed map[string][]string `json:"removed"`
}

func openVNF(file string, members [2]string) (*vnf, error) {
	v := &vnf{file: file, members: members, state: state{Active: members[0], Removed: map[string][]string{}}}
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return v, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(content, &v.state); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

func (v *vnf) isMember(name string) bool { return slices.Contains(v.members[:], name) }

// standBy moves the traffic away from a member, and returns whether it had to.
func (v *vnf) standBy(name string) (bool, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.state.Active != name {
		return false, nil
	}
	v.state.Active = v.members[0]
	if v.members[0] == name {
		v.state.Active = v.members[1]
	}
	return true, v.save()
}

func (v *vnf) scaleIn(session string, servers []string) error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.state.Removed[session] = servers
	return v.save()
}

// scaleOut returns how many servers came back. A second time there are none, so that the event may come twice.
func (v *vnf) scaleOut(session string) (int, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	back := len(v.state.Removed[session])
	if back == 0 {
		return 0, nil
	}
	delete(v.state.Removed, session)
	return back, v.save()
}

// save writes the state so that a kill leaves the old or the new one.
func (v *vnf) save() error {
	content, err := json.Marshal(v.state)
	if err != nil {
		return err
	}
	if err := os.WriteFile(v.file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(v.file+".new", v.file)
}

// hours are busy hours of each day, in UTC; from and until are times since midnight.
type hours struct{ from, until time.Duration }

func parseHours(text string) (hours, error) {
	if text == "" {
		return hours{}, nil
	}
	var h [4]int
	if n, err := fmt.Sscanf(text, "%d:%d-%d:%d", &h[0], &h[1], &h[2], &h[3]); n != 4 || err != nil {
		return hours{}, fmt.Errorf("%q are no hours; write them as 18:00-22:00", text)
	}
	at := func(hour, minute int) time.Duration {
		return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	}
	return hours{from: at(h[0], h[1]), until: at(h[2], h[3])}, nil
}

// endOf returns when the busy hours end in which t is. False: t is in none.
func (h hours) endOf(t time.Time) (time.Time, bool) {
	midnight := t.UTC().Truncate(24 * time.Hour)
	length := (h.until - h.from + 24*time.Hour) % (24 * time.Hour)
	for _, day := range []time.Time{midnight.Add(-24 * time.Hour), midnight} {
		begin := day.Add(h.from)
		if end := begin.Add(length); !t.Before(begin) && t.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}
