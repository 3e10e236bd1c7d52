package fermata

import (
	"container/list"
	"context"
	"sync"
)

// positions knows up to where everything has been handled. Events are handled in any order; the position goes on when
// everything before it has been.
type positions struct {
	mutex sync.Mutex
	// unhandled has an [*unhandled] for each item that is not handled yet, in the order of the stream.
	unhandled list.List
	// handled is the position: everything up to it is handled.
	handled uint64
	last    Position
	// moved has an element when handled has changed.
	moved chan struct{}
	// slots has an element for each unhandled item.
	slots chan struct{}
}

// unhandled is an item of the stream that somebody still works on.
type unhandled struct {
	positions *positions
	// element is nil when the position does not count any more.
	element *list.Element
	// end is the position once this item is handled: its own, and that of the items behind it that already are.
	end     uint64
	holders int
}

func newPositions(most int) *positions {
	return &positions{moved: make(chan struct{}, 1), slots: make(chan struct{}, most)}
}

// take adds the next item of the stream, held by the caller. It waits while there are too many; nil: ctx is done.
func (p *positions) take(ctx context.Context, position Position, snapshot bool) *unhandled {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if snapshot && (position.StoreID != p.last.StoreID || position.Sequence < p.last.Sequence) {
		// Another store, or one that was restored: positions of before mean nothing in it.
		for e := p.unhandled.Front(); e != nil; e = e.Next() {
			e.Value.(*unhandled).element = nil
		}
		p.unhandled.Init()
		p.handled = 0
	}
	p.last = position
	item := &unhandled{positions: p, end: position.Sequence, holders: 1}
	item.element = p.unhandled.PushBack(item)
	return item
}

// hold makes one more release necessary.
func (u *unhandled) hold() {
	u.positions.mutex.Lock()
	defer u.positions.mutex.Unlock()
	u.holders++
}

// release says that one who held it has handled it.
func (u *unhandled) release() {
	p := u.positions
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if u.holders--; u.holders > 0 {
		return
	}
	<-p.slots
	if u.element == nil {
		return
	}
	if before := u.element.Prev(); before != nil {
		before.Value.(*unhandled).end = u.end
	} else {
		p.handled = u.end
		p.signal()
	}
	p.unhandled.Remove(u.element)
}

func (p *positions) signal() {
	select {
	case p.moved <- struct{}{}:
	default:
	}
}

// position is up to where everything has been handled.
func (p *positions) position() uint64 {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.handled
}
