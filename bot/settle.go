package bot

import "context"

// Settle takes every step that is due by the clock until nothing is left to do, in the caller's goroutine: what a test, a
// simulation or a chat in a terminal drives a gateway with instead of Run. It looks at what was written a moment ago too. What
// waits for a later hour stays. Errors end it; a turn that failed counts its tries over several calls.
func (g *Gateway) Settle(ctx context.Context) error {
	for {
		for _, step := range []func(context.Context) error{g.NoticeStep, g.TimerStep, g.CapStep} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if err := g.sweepYoung(ctx); err != nil {
			return err
		}
		if err := g.sweepLanes(ctx, g.Clock.Now()); err != nil {
			return err
		}
		worked := false
		for _, step := range []func(context.Context) (bool, error){g.TurnStep, g.SendStep} {
			for {
				did, err := step(ctx)
				if err != nil {
					return err
				}
				if !did {
					break
				}
				worked = true
			}
		}
		if !worked {
			return nil
		}
	}
}

// sweepYoung wakes conversations that have anything to hear, however new. Unlike the sweep's, their starts are not counted.
func (g *Gateway) sweepYoung(ctx context.Context) error {
	ids, err := g.pending(ctx, g.Clock.Now())
	g.wakes.add(ids...)
	return err
}
