package telegram

import (
	"context"
	"fmt"
	"slices"
	"strings"

	api "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"souk/locales"
)

// allowedUpdates is what Telegram is asked to send: nothing else is ever read.
func allowedUpdates() []string {
	return []string{
		models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage,
		models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember,
	}
}

// Command is one entry of the bot's menu button.
type Command struct{ Name, Description string }

// Me asks Telegram who we are: the bot's username, without @.
func (c *Channel) Me(ctx context.Context) (username string, err error) {
	call, calling := c.call(ctx)
	me, err := c.client.GetMe(calling)
	if err != nil {
		return "", c.sendError(call, fmt.Errorf("ask who we are: %w", err))
	}
	return me.Username, nil
}

// Named returns the channel with the bot's username known, so that groups can address it.
func (c *Channel) Named(username string) *Channel {
	named := *c
	named.config.Username = strings.TrimPrefix(username, "@")
	return &named
}

// Webhook is what Telegram says of ours.
type Webhook struct {
	URL       string
	Pending   int    // updates that wait for us
	LastError string // of its last delivery, "" for none
	Differs   bool   // from what Register would set
}

// Webhook asks where updates go. publicURL is the base that we want to be called at.
func (c *Channel) Webhook(ctx context.Context, publicURL string) (Webhook, error) {
	call, calling := c.call(ctx)
	info, err := c.client.GetWebhookInfo(calling)
	if err != nil {
		return Webhook{}, c.sendError(call, fmt.Errorf("ask for the webhook: %w", err))
	}
	have, want := slices.Sorted(slices.Values(info.AllowedUpdates)), slices.Sorted(slices.Values(allowedUpdates()))
	return Webhook{
		URL: info.URL, Pending: info.PendingUpdateCount, LastError: c.scrub.Replace(info.LastErrorMessage),
		// The secret cannot be read back; that we refused Telegram's calls says that it is another one.
		Differs: info.URL != webhookURL(publicURL) || !slices.Equal(have, want) || strings.Contains(info.LastErrorMessage, "403"),
	}, nil
}

// Register sets the webhook where it differs, or in any case where forced. set says whether Telegram was told.
func (c *Channel) Register(ctx context.Context, publicURL string, forced bool) (set bool, err error) {
	hook, err := c.Webhook(ctx, publicURL)
	if err != nil || !hook.Differs && !forced {
		return false, err
	}
	call, calling := c.call(ctx)
	_, err = c.client.SetWebhook(calling, &api.SetWebhookParams{
		URL: webhookURL(publicURL), AllowedUpdates: allowedUpdates(), SecretToken: c.config.Secret, MaxConnections: 40,
	})
	if err != nil {
		return false, c.sendError(call, fmt.Errorf("set the webhook: %w", err))
	}
	return true, nil
}

func webhookURL(publicURL string) string {
	return strings.TrimRight(publicURL, "/") + "/webhooks/telegram"
}

// commandNames are the global words that stand in the bot's menu; each has its line in the words, command.NAME.
func commandNames() []string { return []string{"menu", "help", "human", "language", "stop"} }

// Commands are the entries of the bot's menu in every language, and in French for everybody else.
func Commands(words *locales.Words) map[string][]Command {
	byLang := map[string][]Command{}
	for _, lang := range locales.Langs() {
		for _, name := range commandNames() {
			said := words.Text(lang, locales.Rich, "command."+name, nil)
			byLang[string(lang)] = append(byLang[string(lang)], Command{name, said})
		}
	}
	byLang[""] = byLang[string(locales.French)]
	return byLang
}

// SetCommands sets the bot's menu: commands by language, "" for everybody else.
func (c *Channel) SetCommands(ctx context.Context, byLang map[string][]Command) error {
	for lang, commands := range byLang {
		params := &api.SetMyCommandsParams{LanguageCode: lang}
		for _, command := range commands {
			params.Commands = append(params.Commands, models.BotCommand{Command: command.Name, Description: command.Description})
		}
		call, calling := c.call(ctx)
		if _, err := c.client.SetMyCommands(calling, params); err != nil {
			return c.sendError(call, fmt.Errorf("set the commands in %q: %w", lang, err))
		}
	}
	return nil
}
