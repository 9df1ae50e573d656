package bot

import (
	"context"
	"time"
)

// tap is a tap on a button that the provider wants to see heard.
type tap struct {
	id  string
	ack func(context.Context, string) error
}

const ackFor = 5 * time.Second

// ackTap answers a tap aside: the 200 never waits for it. When too many wait it is left out, and the button stops by itself.
func (g *Gateway) ackTap(t tap) {
	select {
	case g.taps <- t:
	default:
		g.metrics.tapsDropped.Inc()
	}
}

func (g *Gateway) tapLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-g.taps:
			g.answerTap(ctx, t)
		}
	}
}

func (g *Gateway) answerTap(ctx context.Context, t tap) {
	ctx, cancel := context.WithTimeout(ctx, ackFor)
	defer cancel()
	if err := t.ack(ctx, t.id); err != nil && ctx.Err() == nil {
		g.Log.Info("a tap was not acknowledged", "error", err) // it may be older than the provider's patience
	}
}
