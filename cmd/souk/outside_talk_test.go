package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// childrenOf lists the processes below one, by ps, which every system has.
func childrenOf(ctx context.Context, t *testing.T, root int) (all []int) {
	t.Helper()
	out, err := exec.CommandContext(ctx, "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	for queue := children[root]; len(queue) > 0; queue = queue[1:] {
		all = append(all, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return all
}

// zombie says whether a process has ended and only waits for somebody to ask how.
func zombie(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// Lines that are piped into souk chat are answered one after the other.
func TestChatAnswersPipedLines(t *testing.T) {
	t.Parallel()
	dir := emptyFolder(t)
	for channel, want := range map[string][]string{
		"telegram": {"Belboula", "[1]", "2 × Belboula", "46 dh", "[✅ Commander]", "15 dh"},
		"sms":      {"Belboula", "Combien?", "2 x Belboula", "46 dh", "1 Commander", "15 dh"},
	} {
		p := start(t, built(t, release), dir, nil, strings.NewReader("belboula\n2\n\nCasablanca\n"), "chat", "--channel", channel, "--as", "+212612345678", "--lang", "fr")
		if code := p.code(2 * patience); code != 0 {
			t.Fatalf("exit %d: %s", code, p.stderr)
		}
		rest := plainWords(p.stdout.String())
		for _, word := range want {
			at := strings.Index(rest, word)
			if at < 0 {
				t.Errorf("%s: no %q, in this order: %s", channel, word, plainWords(p.stdout.String()))
				break
			}
			rest = rest[at:]
		}
	}
	oneLineFault(t, ran(t, built(t, release), nil, "", "chat", "--as", "somebody"), exitMisuse, "souk: ", "--as")
}

// Somebody asks for a person; an operator sees it in a terminal and answers; the answer reaches the phone.
func TestAnOperatorAnswersFromTheTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	for i, channel := range []simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS} {
		b := w.buyer(channel, 800+i)
		b.does(b.text("parler à quelqu'un"), "")
		b.does(b.text("Mon colis est arrivé cassé"), "transmis")
		list := ran(t, w.binary, w.environ, "", "operator", "tickets")
		number := regexp.MustCompile(`(?m)^(\d+)\s.*cassé`).FindStringSubmatch(list.stdout)
		if list.code != 0 || number == nil {
			t.Fatalf("%+v", list)
		}
		if got := ran(t, w.binary, w.environ, "", "operator", "ticket", number[1]); got.code != 0 || !strings.Contains(got.stdout, "Mon colis est arrivé cassé") {
			t.Errorf("%+v", got)
		}
		if got := ran(t, w.binary, w.environ, "", "operator", "answer", number[1], "--as", "salma", "Nous le remplaçons demain."); got.code != 0 {
			t.Errorf("%+v", got)
		}
		b.hears("Nous le rempla", "ons demain.") // without the ç in a text message
		if got := ran(t, w.binary, w.environ, "", "operator", "close", number[1]); got.code != 0 {
			t.Errorf("%+v", got)
		}
		b.does(b.text("belboula"), "Combien")
	}
	w.settled(patience)
	w.is("tickets open", 0, "SELECT count(*) FROM ticket WHERE status = 'open'")
	for _, args := range [][]string{{"answer", "999", "x"}, {"ticket", "999"}, {"close", "999"}, {"retry", "999"}, {"move", "S0000000-1", "packed"}} {
		oneLineFault(t, ran(t, w.binary, w.environ, "", append([]string{"operator"}, args...)...), exitFailed, "souk: ")
	}
	for _, args := range []string{"orders", "late", "waiting", "parked"} {
		if got := ran(t, w.binary, w.environ, "", "operator", args); got.code != 0 || got.stdout == "" {
			t.Errorf("%s: %+v", args, got)
		}
	}
	w.obedient()
	w.discreet("cassé", "remplaçons")
}
