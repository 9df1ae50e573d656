// Command souk is the one binary: the service, the demo, and the tools around them. Each command is a file of its own here and
// a line in commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9/logging"
)

// commands is what souk can do; kong reads the words from here.
type commands struct {
	Demo      demoCommand      `cmd:"" help:"Start everything with no setting at all, and three phones to order on."`
	Serve     serveCommand     `cmd:"" help:"Serve the channels that the settings turn on. Migrates first."`
	Dev       devCommand       `cmd:"" help:"Start private Postgres and Redis, run a command with DATABASE_URL and REDIS_URL set, stop them."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database at DATABASE_URL to the newest schema."`
	Seed      seedCommand      `cmd:"" help:"Bring the database at DATABASE_URL to the newest schema and fill it with the sample souk; twice is once."`
	Operator  operatorCommand  `cmd:"" help:"Answer people, follow orders, see what waits."`
	Doctor    doctorCommand    `cmd:"" help:"Check every setting and what stands behind it; exit 1 where something is wrong."`
	Twilio    twilioCommand    `cmd:"" help:"Keep the Twilio account in order."`
	Chat      chatCommand      `cmd:"" help:"Talk to Souk in a terminal."`
	Lint      lintCommand      `cmd:"" help:"Check words and flows: one line a fault, with its file and line; exit 1 where there is any."`
	Parse     parseCommand     `cmd:"" help:"Show how Souk reads what people type."`
	Simulator simulatorCommand `cmd:"" help:"Stand in for Telegram and Twilio, with phones in a browser, for an outside souk serve."`
	Bench     benchCommand     `cmd:"" help:"Measure Souk on this machine, beside a floor."`
}

// outside is what a command has of the world around it.
type outside struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string // NAME=value
}

// Exit codes: what was asked cannot be done, and what was asked makes no sense (a setting, a flag).
const (
	exitFailed = 1
	exitMisuse = 2
)

// exitCode ends souk with a code of a command's own choosing and prints nothing.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

func main() {
	// The client's own lines about a Redis that is away come by the hundred and say less than what our callers log and count.
	logging.Disable()
	if _, set := os.LookupEnv("GOGC"); !set {
		// What lives is small and each turn leaves litter: collecting a quarter as often costs some megabytes.
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &outside{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ()})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit code. Every failure is one line on stderr.
func run(ctx context.Context, args []string, o *outside) (code int) {
	defer func() {
		// kong ends the program after --help; here it ends run.
		if helped, ok := recover().(exitCode); ok {
			code = int(helped)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("souk"),
		kong.Description("Trade and learn by chat: cooperatives' goods over Telegram, WhatsApp and SMS."),
		kong.Writers(o.stdout, o.stderr),
		kong.Exit(func(code int) { panic(exitCode(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(o),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return report(o, err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(o.stderr, "souk: %s (souk --help lists the commands)\n", oneLine(err))
		return exitMisuse
	}
	return report(o, chosen.Run())
}

func report(o *outside, err error) int {
	var code exitCode
	var setting settingError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &setting):
		fmt.Fprintf(o.stderr, "souk: %s\n", oneLine(setting))
		return exitMisuse
	default:
		fmt.Fprintf(o.stderr, "souk: %s\n", oneLine(err))
		return exitFailed
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
