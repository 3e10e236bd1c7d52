package fermata

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

func TestThePositionGoesOnWhenEverythingBeforeIsHandled(t *testing.T) {
	p := newPositions(10)
	var items []*unhandled
	for sequence := uint64(1); sequence <= 4; sequence++ {
		items = append(items, p.take(context.Background(), Position{Sequence: 10 * sequence}, false))
	}
	items[3].hold()
	for _, step := range []struct {
		release int
		wanted  uint64
	}{{1, 0}, {0, 20}, {3, 20}, {2, 30}, {3, 40}} {
		items[step.release].release()
		if got := p.position(); got != step.wanted {
			t.Fatalf("%d after %d, not %d", got, step.release, step.wanted)
		}
	}
	if len(p.slots) != 0 || p.unhandled.Len() != 0 {
		t.Error("something is left")
	}
}

func TestThePositionIsNeverBehindWhatIsNotHandled(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	p := newPositions(1_000)
	items := map[uint64]*unhandled{}
	sequence := uint64(0)
	for range 5_000 {
		if len(items) < 1_000 && random.IntN(2) == 0 {
			sequence += 1 + random.Uint64N(3)
			items[sequence] = p.take(context.Background(), Position{Sequence: sequence}, random.IntN(50) == 0)
		}
		for s, item := range items {
			if random.IntN(3) == 0 {
				item.release()
				delete(items, s)
			}
			break
		}
		for s := range items {
			if s <= p.position() {
				t.Fatalf("seed %d: %d is acknowledged, but not handled", seed, s)
			}
		}
	}
	for _, item := range items {
		item.release()
	}
	if p.position() != sequence {
		t.Errorf("seed %d: %d of %d", seed, p.position(), sequence)
	}
}

func TestAStoreThatWasRestoredBeginsAnew(t *testing.T) {
	p := newPositions(10)
	old := p.take(context.Background(), Position{StoreID: "a", Sequence: 90}, false)
	snapshot := p.take(context.Background(), Position{StoreID: "b", Sequence: 7}, true)
	old.release()
	if p.position() != 0 {
		t.Error("a position of the old store counts:", p.position())
	}
	snapshot.release()
	if p.position() != 7 {
		t.Error(p.position())
	}
}

func TestReadingPausesWhenTooMuchIsNotHandled(t *testing.T) {
	p := newPositions(1)
	first := p.take(context.Background(), Position{Sequence: 1}, false)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if p.take(ctx, Position{Sequence: 2}, false) != nil {
		t.Error("it was taken")
	}
	first.release()
	if p.take(context.Background(), Position{Sequence: 2}, false) == nil {
		t.Error("it was not taken")
	}
}

func TestWaitsDoubleAndBeginAnew(t *testing.T) {
	w := newWaits(100*time.Millisecond, 450*time.Millisecond)
	for _, longest := range []time.Duration{100, 200, 400, 450, 450} {
		if got := w.take(0); got > longest*time.Millisecond || got < longest*time.Millisecond/2 {
			t.Errorf("%v, at most %d ms", got, longest)
		}
	}
	w.reset()
	if got := w.take(0); got > 100*time.Millisecond {
		t.Error(got)
	}
	if got := w.take(time.Hour); got != time.Hour {
		t.Error(got)
	}
}
