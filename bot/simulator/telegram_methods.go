package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type telegramCall func(*http.Request, tgParams) (any, *apiError)

// telegramMethod finds a method by its name, which the real server compares
// without regard to case; nil where the stand-in has none.
func (s *Simulator) telegramMethod(name string) telegramCall {
	switch name {
	case "getMe":
		return s.getMe
	case "setWebhook":
		return s.setWebhook
	case "deleteWebhook":
		return s.deleteWebhook
	case "getWebhookInfo":
		return s.getWebhookInfo
	case "setMyCommands":
		return s.setMyCommands
	case "getMyCommands":
		return s.getMyCommands
	case "deleteMyCommands":
		return s.deleteMyCommands
	case "sendMessage":
		return s.sendMessage
	case "sendPhoto":
		return s.sendPhoto
	case "sendVoice":
		return s.sendVoice
	case "sendMediaGroup":
		return s.sendMediaGroup
	case "sendChatAction":
		return s.sendChatAction
	case "editMessageText":
		return s.editMessageText
	case "editMessageCaption":
		return s.editMessageCaption
	case "editMessageReplyMarkup":
		return s.editMessageReplyMarkup
	case "editMessageMedia":
		return s.editMessageMedia
	case "deleteMessage":
		return s.deleteMessage
	case "answerCallbackQuery":
		return s.answerCallbackQuery
	case "getFile":
		return s.getFile
	}
	return nil
}

// botUser is the bot as others see it. Its id is the token's first part.
func (s *Simulator) botUser() map[string]any {
	digits, _, _ := strings.Cut(s.opt.Telegram.Token, ":")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		id = 7000000001
	}
	return map[string]any{"id": id, "is_bot": true, "first_name": "Souk", "username": s.opt.Telegram.Username}
}

func (s *Simulator) getMe(*http.Request, tgParams) (any, *apiError) {
	me := s.botUser()
	me["can_join_groups"], me["can_read_all_group_messages"], me["supports_inline_queries"] = true, false, false
	return me, nil
}

func (s *Simulator) setWebhook(_ *http.Request, p tgParams) (any, *apiError) {
	target, secret := p.str("url"), p.str("secret_token")
	if target == "" {
		return s.deleteWebhook(nil, p)
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return nil, badRequest("bad webhook: invalid URL")
	}
	// Plain HTTP is for a local Bot API server, which the stand-in also plays.
	if u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return nil, badRequest("bad webhook: an HTTPS URL must be provided for webhook")
	}
	if len(secret) > 256 || strings.ContainsFunc(secret, func(r rune) bool { return !isSecretRune(r) }) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	connections := int64(40)
	if _, given := p["max_connections"]; given {
		connections = p.integer("max_connections")
		if connections < 1 || connections > 100 {
			return nil, badRequest("max_connections must be between 1 and 100")
		}
	}
	var allowed []string
	allowedGiven, err := p.decode("allowed_updates", &allowed)
	if err != nil {
		return nil, badRequest("%s", err)
	}
	update := s.api.Types["Update"]
	for _, name := range allowed {
		if !slices.ContainsFunc(update.Fields, func(f apiField) bool { return f.Name == name }) {
			return nil, badRequest("unknown update type %q", name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.telegram.webhook
	w.url, w.secret, w.connections = target, secret, int(connections)
	if allowedGiven {
		w.allowed = allowed
	}
	if p.boolean("drop_pending_updates") {
		w.generation++
	}
	s.telegram.slots = make(chan struct{}, connections)
	w.turn()
	return true, nil
}

func isSecretRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

func (s *Simulator) deleteWebhook(_ *http.Request, p tgParams) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.telegram.webhook
	w.url, w.secret = "", ""
	if p.boolean("drop_pending_updates") {
		w.generation++
	}
	w.turn()
	return true, nil
}

func (s *Simulator) getWebhookInfo(*http.Request, tgParams) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.telegram.webhook
	info := map[string]any{"url": w.url, "has_custom_certificate": false, "pending_update_count": w.pending}
	if w.url != "" {
		info["max_connections"] = w.connections
	}
	if len(w.allowed) > 0 {
		info["allowed_updates"] = w.allowed
	}
	if w.lastError != "" {
		info["last_error_date"], info["last_error_message"] = w.lastErrorAt.Unix(), w.lastError
	}
	return info, nil
}

type botCommand struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

func (s *Simulator) setMyCommands(_ *http.Request, p tgParams) (any, *apiError) {
	var commands []botCommand
	if _, err := p.decode("commands", &commands); err != nil {
		return nil, badRequest("%s", err)
	}
	if len(commands) > 100 {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, c := range commands {
		if len(c.Command) < 1 || len(c.Command) > 32 || strings.ContainsFunc(c.Command, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
		}) {
			return nil, badRequest("BOT_COMMAND_INVALID: %q", c.Command)
		}
		if n := utf16Len(c.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID: %q", c.Command)
		}
	}
	raw, err := json.Marshal(commands)
	if err != nil {
		return nil, badRequest("%s", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telegram.commands[commandsKey(p)] = raw
	return true, nil
}

func commandsKey(p tgParams) string { return p.str("language_code") + "|" + p.str("scope") }

func (s *Simulator) getMyCommands(_ *http.Request, p tgParams) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if raw, ok := s.telegram.commands[commandsKey(p)]; ok {
		return raw, nil
	}
	return []botCommand{}, nil
}

func (s *Simulator) deleteMyCommands(_ *http.Request, p tgParams) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.telegram.commands, commandsKey(p))
	return true, nil
}

// chatFor finds who a call is for and whether the bot may write there now.
// Callers hold mu.
func (s *Simulator) chatFor(p tgParams) (*Phone, *apiError) {
	id, err := strconv.ParseInt(p.str("chat_id"), 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	chat := s.telegram.chats[id]
	if chat == nil && id > 0 && s.opt.Acquainted {
		chat = s.newPhone(Telegram, "telegram:id"+p.str("chat_id"), Owner{Name: p.str("chat_id"), Language: "fr"})
		chat.id = id
		s.telegram.chats[id] = chat
		s.keepPhone(chat)
	}
	switch {
	case chat == nil:
		return nil, badRequest("chat not found")
	case chat.blocked:
		return nil, allowedError(http.StatusForbidden, "Forbidden: bot was blocked by the user")
	case !chat.started:
		return nil, &apiError{code: http.StatusForbidden, description: "Forbidden: bot can't initiate conversation with a user"}
	}
	return chat, nil
}

// paceFor spends a message of the bot's and the chat's allowance. Callers hold mu.
func (s *Simulator) paceFor(chat *Phone) *apiError {
	now := time.Now()
	o := s.opt.Telegram
	if o.ChatRate > 0 {
		if wait, ok := chat.pace.take(now, o.ChatRate); !ok {
			return tooMany(seconds(wait))
		}
	}
	if o.Rate > 0 {
		if wait, ok := s.telegram.pace.take(now, o.Rate); !ok {
			return tooMany(seconds(wait))
		}
	}
	return nil
}

// seconds rounds up, to 1 at least.
func seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

func (s *Simulator) sendChatAction(_ *http.Request, p tgParams) (any, *apiError) {
	actions := []string{"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
		"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"}
	if !slices.Contains(actions, p.str("action")) {
		return nil, badRequest("wrong parameter action in request")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, refused := s.chatFor(p)
	if refused != nil {
		return nil, refused
	}
	chat.typing = time.Now()
	s.publish(Event{Kind: "typing", Phone: chat.key, Text: p.str("action")})
	return true, nil
}

func (s *Simulator) deleteMessage(_ *http.Request, p tgParams) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, refused := s.chatFor(p)
	if refused != nil {
		return nil, refused
	}
	m := chat.find(p.str("message_id"))
	switch {
	case m == nil || m.Deleted:
		return nil, badRequest("message to delete not found")
	case s.opt.Now().Sub(m.At) > 48*time.Hour:
		return nil, badRequest("message can't be deleted for everyone")
	}
	m.Deleted = true
	chat.tell(m)
	return true, nil
}

func (s *Simulator) answerCallbackQuery(_ *http.Request, p tgParams) (any, *apiError) {
	if utf16Len(p.str("text")) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.telegram.callbacks[p.str("callback_query_id")]
	if c == nil || c.answered || time.Since(c.at) > s.opt.Telegram.CallbackTTL {
		return nil, &apiError{code: http.StatusBadRequest,
			description: "Bad Request: query is too old and response timeout expired or query ID is invalid", allowed: c != nil}
	}
	c.answered = true
	s.publish(Event{Kind: "toast", Phone: c.phone.key, Text: p.str("text"), Alert: p.boolean("show_alert")})
	return true, nil
}

// OpenTaps counts taps that no answerCallbackQuery has answered: the person
// still sees the button's clock turn.
func (s *Simulator) OpenTaps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.telegram.callbacks {
		if !c.answered {
			n++
		}
	}
	return n
}
