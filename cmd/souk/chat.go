package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"souk/bot/simulator"
	"souk/locales"
)

type chatCommand struct {
	Channel string `enum:"telegram,whatsapp,sms" default:"telegram" help:"Which phone to hold: telegram, whatsapp or sms."`
	As      string `default:"+212600000099" help:"The phone's own number."`
	Lang    string `enum:"fr,ar" default:"fr" help:"The language that the phone is set to: fr or ar."`
}

// Run lets one talk to Souk in a terminal: what is typed goes through the channel's real webhook, what is said comes back as the
// phone would show it. A button is answered by its number or its words. It needs no setting.
func (c chatCommand) Run(ctx context.Context, o *outside) error {
	number, ok := locales.ReadPhone(c.As)
	if !ok {
		fmt.Fprintln(o.stderr, "souk: --as needs a phone number such as +212600000099")
		return exitCode(exitMisuse)
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	log := slog.New(slog.DiscardHandler)
	stage, err := openStage(ctx, s, "http://"+listener.Addr().String(), log, options{log: log})
	if err != nil {
		return err
	}
	if err := stage.registerTelegram(ctx); err != nil {
		return errors.Join(err, stage.end())
	}
	if _, err := stage.channels.whatsapp.Sync(ctx, nil); err != nil {
		return errors.Join(err, stage.end())
	}
	mux := http.NewServeMux()
	stage.routes(mux)
	serving, hangUp := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- stage.run(serving, listener, mux) }()

	phone := stage.simulator.Phone(simulator.Channel(c.Channel), simulator.Owner{Number: number, Language: c.Lang})
	fmt.Fprintf(o.stdout, "You hold a %s phone, number %s. Type and press Enter; Ctrl-D hangs up.\n", c.Channel, number)
	err = c.talk(serving, o, phone)
	hangUp()
	return errors.Join(err, <-served, stage.end())
}

// talk carries lines to the phone and what is said there to the terminal, until the input ends.
func (c chatCommand) talk(ctx context.Context, o *outside, phone *simulator.Phone) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(o.stdin)
		for in.Scan() {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	shown := &screen{o: o}
	quiet := time.NewTicker(150 * time.Millisecond)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, open := <-lines:
			if !open {
				// Whoever pipes lines in wants to read the last answer too.
				for range 20 {
					time.Sleep(100 * time.Millisecond)
					if shown.show(phone.Messages()) > 0 {
						break
					}
				}
				shown.show(phone.Messages())
				return nil
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			said := phone.Text(line)
			waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, _ = phone.Wait(waiting, said, "") // whatever comes; silence is an answer too
			cancel()
			shown.show(phone.Messages())
		case <-quiet.C:
			shown.show(phone.Messages())
		}
	}
}

// screen shows each bubble once.
type screen struct {
	o    *outside
	seen map[string]bool
}

func (s *screen) show(messages []simulator.Message) (fresh int) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	for _, m := range messages {
		if s.seen[m.ID] || m.From == simulator.FromUser {
			continue
		}
		s.seen[m.ID] = true
		fresh++
		fmt.Fprintln(s.o.stdout, bubble(m))
	}
	return fresh
}

// bubble is a message in plain lines: its words, then what can be chosen.
func bubble(m simulator.Message) string {
	var b strings.Builder
	if len(m.Media) > 0 {
		b.WriteString("  [picture]\n")
	}
	for _, line := range strings.Split(strings.TrimRight(m.Text, "\n"), "\n") {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	for _, row := range m.Buttons {
		for _, button := range row {
			fmt.Fprintf(&b, "    [%s]", button.Label)
		}
		b.WriteString("\n")
	}
	if m.List != nil {
		for _, item := range m.List.Items {
			fmt.Fprintf(&b, "    [%s] %s\n", item.Title, item.Description)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
