package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	api "github.com/go-telegram/bot"

	"souk/bot"
)

// telegramURL is where the Bot API and its files are unless the configuration says otherwise.
const telegramURL = "https://api.telegram.org"

// Fetch opens a file that somebody sent, by its file_id: getFile says where it lies below the configured base, and from nowhere else
// it is fetched. bot.ErrMediaGone where Telegram has it no more, or has never had it for us. The link contains the token: no error shows it.
func (c *Channel) Fetch(ctx context.Context, fileID string) (content io.ReadCloser, size int64, err error) {
	if fileID == "" { // the update named none: there is nothing to ask for
		return nil, 0, fmt.Errorf("find a file without an id: %w", bot.ErrMediaGone)
	}
	call, calling := c.call(ctx)
	file, err := c.client.GetFile(calling, &api.GetFileParams{FileID: fileID})
	if errors.Is(err, api.ErrorBadRequest) { // an id that is none, one of another bot, or more than getFile gives (20 MB)
		return nil, 0, fmt.Errorf("find a file: %s: %w", c.scrubbed(err), bot.ErrMediaGone)
	}
	if err != nil {
		return nil, 0, c.sendError(call, fmt.Errorf("find a file: %w", err))
	}
	if !below(file.FilePath) {
		return nil, 0, fmt.Errorf("find a file: its path leads elsewhere: %w", bot.ErrMediaGone)
	}
	base := strings.TrimRight(c.config.APIURL, "/")
	if base == "" {
		base = telegramURL
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/file/bot"+c.config.Token+"/"+file.FilePath, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch a file: %w", bot.ErrMediaGone) // the library's error would show the link
	}
	answer, err := c.files.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch a file: %s", c.scrubbed(err))
	}
	switch {
	case answer.StatusCode == http.StatusOK:
		return answer.Body, answer.ContentLength, nil
	case answer.StatusCode == http.StatusNotFound:
		err = bot.ErrMediaGone
	default: // a redirect too: the token would go along
		err = errors.New(answer.Status)
	}
	answer.Body.Close()
	return nil, 0, fmt.Errorf("fetch a file: %w", err)
}

// below says whether a path stays below /file/bot…/: a Bot API server in local mode gives paths of its own disk, which are not for us.
func below(name string) bool {
	return name != "" && !strings.HasPrefix(name, "/") && path.Clean(name) == name && !strings.HasPrefix(name, "..") && !strings.ContainsAny(name, "?#%\\ \r\n")
}
