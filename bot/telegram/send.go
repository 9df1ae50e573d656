package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	api "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"souk/bot"
	"souk/bot/markup"
)

// Send sends one message of a reply. Where only our HTML is refused, the same words go as plain text: a refused message was not sent.
func (c *Channel) Send(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, error) {
	chat, err := strconv.ParseInt(out.ExternalID, 10, 64)
	if err != nil {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "address", Err: fmt.Errorf("a chat id is a number: %q", out.ExternalID)}
	}
	messages := render(out.Reply)
	if part < 0 || part >= len(messages) {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "part", Err: fmt.Errorf("part %d of %d", part, len(messages))}
	}
	said := messages[part]
	if said.photo != "" {
		sent, shown, err := c.sendPhoto(ctx, chat, said)
		if err != nil || shown {
			return sent, err
		}
		if len(said.words) == 0 { // the text is the next part
			return bot.Sent{}, nil
		}
	}
	return c.sendText(ctx, chat, said)
}

func (c *Channel) sendText(ctx context.Context, chat int64, said outgoing) (bot.Sent, error) {
	disabled := true
	params := &api.SendMessageParams{
		ChatID: chat, Text: html(said.words), ParseMode: models.ParseModeHTML, ReplyMarkup: said.keyboard,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &disabled},
	}
	call, calling := c.call(ctx)
	message, err := c.client.SendMessage(calling, params)
	if err != nil && badMarkup(err) {
		params.Text, params.ParseMode = markup.Plain(said.words), ""
		call, calling = c.call(ctx)
		message, err = c.client.SendMessage(calling, params)
	}
	if err != nil {
		return bot.Sent{}, c.sendError(call, fmt.Errorf("send a message: %w", err))
	}
	return bot.Sent{ProviderMessageID: strconv.Itoa(message.ID)}, nil
}

// sendPhoto sends a picture by the id that Telegram knows it by, or uploads it and remembers the id. shown is false where the
// store has no such picture: the words then go alone.
func (c *Channel) sendPhoto(ctx context.Context, chat int64, said outgoing) (sent bot.Sent, shown bool, err error) {
	known := ""
	if c.photos.Uploaded != nil {
		if known, err = c.photos.Uploaded(ctx, c.Account(), said.photo); err != nil {
			known = "" // it costs an upload, no more
		}
	}
	var call *call
	var message *models.Message
	if known != "" {
		call, message, err = c.photo(ctx, chat, said, &models.InputFileString{Data: known})
		if err != nil && staleFile(err) {
			known = ""
		}
	}
	if known == "" {
		content, errOpen := c.open(ctx, said.photo)
		if errOpen != nil {
			return bot.Sent{}, false, nil // no picture is no failure: its words are sent
		}
		defer content.Close()
		call, message, err = c.photo(ctx, chat, said, &models.InputFileUpload{Filename: "photo.jpg", Data: &reader{content}})
	}
	if err != nil {
		return bot.Sent{}, false, c.sendError(call, fmt.Errorf("send a photo: %w", err))
	}
	if known == "" && len(message.Photo) > 0 && c.photos.Remember != nil {
		// The picture has left whether or not this can be kept: the next one is uploaded again.
		_ = c.photos.Remember(ctx, c.Account(), said.photo, message.Photo[len(message.Photo)-1].FileID)
	}
	return bot.Sent{ProviderMessageID: strconv.Itoa(message.ID)}, true, nil
}

// photo makes the call. The HTML of a caption is tried as plain text too, unless the upload was eaten by the first try.
func (c *Channel) photo(ctx context.Context, chat int64, said outgoing, file models.InputFile) (*call, *models.Message, error) {
	params := &api.SendPhotoParams{
		ChatID: chat, Photo: file, Caption: html(said.words), ParseMode: models.ParseModeHTML, ReplyMarkup: said.keyboard,
	}
	call, calling := c.call(ctx)
	message, err := c.client.SendPhoto(calling, params)
	if err == nil || !badMarkup(err) {
		return call, message, err
	}
	if upload, ok := file.(*models.InputFileUpload); ok {
		again, errOpen := c.open(ctx, said.photo)
		if errOpen != nil {
			return call, nil, err
		}
		defer again.Close()
		params.Photo = &models.InputFileUpload{Filename: upload.Filename, Data: &reader{again}}
	}
	params.Caption, params.ParseMode = markup.Plain(said.words), ""
	call, calling = c.call(ctx)
	message, err = c.client.SendPhoto(calling, params)
	return call, message, err
}

func (c *Channel) open(ctx context.Context, key string) (io.ReadCloser, error) {
	if c.photos.Open == nil {
		return nil, errors.New("there is no photo store")
	}
	content, _, err := c.photos.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("open photo %s: %w", key, err)
	}
	return content, nil
}

// reader is a pointer to any reader: the library asks whether the reader is nil, in a goroutine of its own, in a way that ends
// the process for one that is a plain value.
type reader struct{ io.Reader }
