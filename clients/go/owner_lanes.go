package fermata

import "sync"

// lanes runs jobs: those of one lane in order, those of different lanes beside each other.
type lanes struct {
	mutex sync.Mutex
	// waiting has the lanes in which a job runs, with the jobs behind it.
	waiting map[string][]func()
	start   func(func())
}

func (l *lanes) add(lane string, job func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if jobs, busy := l.waiting[lane]; busy {
		l.waiting[lane] = append(jobs, job)
		return
	}
	l.waiting[lane] = nil
	l.start(func() { l.run(lane, job) })
}

func (l *lanes) run(lane string, job func()) {
	for job != nil {
		job()
		job = l.next(lane)
	}
}

func (l *lanes) next(lane string) func() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	jobs := l.waiting[lane]
	if len(jobs) == 0 {
		delete(l.waiting, lane)
		return nil
	}
	l.waiting[lane] = jobs[1:]
	return jobs[0]
}
