package telegram

import (
	"encoding/json"
	"errors"
)

// The pieces of an update that Souk reads. The models of go-telegram/bot lag the API and refuse a whole update for one unknown
// word (a new chat member status), so these are our own: what is not named here is left alone, and stays in the stored body.
type update struct {
	ID            json.Number    `json:"update_id"`
	Message       *message       `json:"message"`
	EditedMessage *message       `json:"edited_message"`
	CallbackQuery *callbackQuery `json:"callback_query"`
	MyChatMember  *memberUpdate  `json:"my_chat_member"`
}

type message struct {
	ID       int64     `json:"message_id"`
	Date     int64     `json:"date"` // seconds since 1970; of an edited message too, when it was first sent
	From     *user     `json:"from"`
	Chat     chat      `json:"chat"`
	Text     string    `json:"text"`
	Caption  string    `json:"caption"`
	Album    string    `json:"media_group_id"`
	Entities []entity  `json:"entities"`
	Captions []entity  `json:"caption_entities"`
	ReplyTo  *message  `json:"reply_to_message"`
	Contact  *contact  `json:"contact"`
	Location *location `json:"location"`
	Venue    *struct {
		Location location `json:"location"`
		Title    string   `json:"title"`
		Address  string   `json:"address"`
	} `json:"venue"`
	Photo     []file `json:"photo"`
	Voice     *file  `json:"voice"`
	Audio     *file  `json:"audio"`
	VideoNote *file  `json:"video_note"`
	Video     *file  `json:"video"`
	Animation *file  `json:"animation"`
	Document  *file  `json:"document"`
	Sticker   *file  `json:"sticker"`
	service
}

// service holds the messages that Telegram itself writes into a private chat: nobody said anything.
type service struct {
	Pinned      json.RawMessage `json:"pinned_message"`
	AutoDelete  json.RawMessage `json:"message_auto_delete_timer_changed"`
	Background  json.RawMessage `json:"chat_background_set"`
	WriteAccess json.RawMessage `json:"write_access_allowed"`
	Website     json.RawMessage `json:"connected_website"`
	Boost       json.RawMessage `json:"boost_added"`
	Proximity   json.RawMessage `json:"proximity_alert_triggered"`
	TopicMade   json.RawMessage `json:"forum_topic_created"`
	TopicEdited json.RawMessage `json:"forum_topic_edited"`
	MemberNew   json.RawMessage `json:"new_chat_members"`
	MemberLeft  json.RawMessage `json:"left_chat_member"`
}

func (s service) any() bool {
	for _, raw := range []json.RawMessage{s.Pinned, s.AutoDelete, s.Background, s.WriteAccess, s.Website, s.Boost, s.Proximity,
		s.TopicMade, s.TopicEdited, s.MemberNew, s.MemberLeft} {
		if raw != nil {
			return true
		}
	}
	return false
}

type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
	Language  string `json:"language_code"`
}

type chat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

func (c chat) private() bool { return c.Type == "private" }

type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"` // both in UTF-16 code units
	Length int    `json:"length"`
}

type contact struct {
	Phone  string `json:"phone_number"`
	UserID int64  `json:"user_id"`
}

type location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type file struct {
	ID    string `json:"file_id"`
	MIME  string `json:"mime_type"`
	Bytes int64  `json:"file_size"`
	Width int    `json:"width"`
	High  int    `json:"height"`
}

type callbackQuery struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type memberUpdate struct {
	Chat chat `json:"chat"`
	From user `json:"from"`
	New  struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
}

// parse reads as much of an update as can be read: a field of an unexpected type is skipped and the rest is kept. It fails only
// for what is no JSON object at all, or is nested beyond reason.
func parse(body []byte) (update, error) {
	var u update
	err := json.Unmarshal(body, &u)
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		err = nil
	}
	return u, err
}
