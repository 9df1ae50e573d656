package catalog

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Question is what a buyer wants to know of a product, and what the seller says. Neither sees the other's number.
type Question struct {
	ID            int64
	ProductID     int64
	Code          string // of the product
	Title         Words
	CooperativeID int64
	PersonID      int64 // who asks
	Body          string
	Status        string // asked, answered, escalated, closed
	Answer        string
	AnsweredBy    int64 // 0: nobody yet, or an operator
	OnCard        bool
	CreatedAt     time.Time
}

const (
	// AnswerWithin is how long the sellers have before an operator is asked.
	AnswerWithin = 24 * time.Hour
	// MaxQuestion is how many runes of a question or an answer are kept.
	MaxQuestion = 500
	// openQuestions is how many of one person's questions may wait at once.
	openQuestions = 5
)

const selectQuestion = `SELECT q.id, q.product_id, p.code, p.title, p.cooperative_id, q.person_id, q.body, q.status, q.answer,
		COALESCE(q.answered_by, 0) AS answered_by, q.on_card, q.created_at
	FROM question q JOIN product p ON p.id = q.product_id`

// LoadQuestion returns a question; pgx.ErrNoRows, wrapped, where there is none.
func LoadQuestion(ctx context.Context, tx pgx.Tx, id int64) (Question, error) {
	return rows.One[Question](ctx, tx, fmt.Sprintf("load question %d", id), selectQuestion+` WHERE q.id = @id`, rows.Args{"id": id})
}

// Ask puts a buyer's question to the sellers of a product; whatever would let the two meet past Souk is hidden. It refuses with
// "question.empty", with "question.own" a member of the same cooperative, with "question.waiting"{Max} who has asked much that waits.
// The same words asked again are the same question.
func Ask(ctx context.Context, tx pgx.Tx, personID, productID int64, text string, now time.Time) (Question, error) {
	body := cleanWords(text)
	if body == "" {
		return Question{}, sorry.New("question.empty", nil)
	}
	if _, err := people.Lock(ctx, tx, personID); err != nil { // two at once would both be within the bound
		return Question{}, err
	}
	standing, err := rows.One[struct {
		Own  bool
		Open int64
		Same int64
	}](ctx, tx, "look at who asks", mayAsk, rows.Args{"person": personID, "product": productID, "body": body})
	switch {
	case err != nil:
		return Question{}, err
	case standing.Own:
		return Question{}, sorry.New("question.own", nil)
	case standing.Same != 0:
		return LoadQuestion(ctx, tx, standing.Same)
	case standing.Open >= openQuestions:
		return Question{}, sorry.New("question.waiting", map[string]any{"Max": openQuestions})
	}
	id, _, err := rows.Value[int64](ctx, tx, "ask a question", putQuestion, rows.Args{"product": productID, "person": personID, "body": body,
		"escalate": now.Add(AnswerWithin), "now": now})
	if err != nil {
		return Question{}, err
	}
	if err := tellSellers(ctx, tx, productID, "question.asked", map[string]any{"question": id}, fmt.Sprintf("question.asked/%d", id), now); err != nil {
		return Question{}, err
	}
	return LoadQuestion(ctx, tx, id)
}

const mayAsk = `SELECT EXISTS (SELECT FROM member m JOIN product p ON p.cooperative_id = m.cooperative_id
			WHERE p.id = @product AND m.person_id = @person AND m.removed_at IS NULL) AS own,
		(SELECT count(*) FROM question WHERE person_id = @person AND status = 'asked') AS open,
		COALESCE((SELECT min(id) FROM question WHERE person_id = @person AND product_id = @product AND status = 'asked' AND body = @body), 0) AS same`

const putQuestion = `INSERT INTO question (product_id, person_id, body, escalate_at, created_at)
	VALUES (@product, @person, @body, @escalate, @now) RETURNING id`

// Answer is the sellers' answer, given once: it goes to who asked, with what would let the two meet past Souk hidden. Who may not act
// for the cooperative is refused (see MayAct), and with "question.answered" whoever comes second.
func Answer(ctx context.Context, tx pgx.Tx, personID, questionID int64, text string, now time.Time) (Question, error) {
	q, actor, err := questionOf(ctx, tx, personID, questionID)
	if err != nil {
		return q, err
	}
	body := cleanWords(text)
	if body == "" {
		return q, sorry.New("question.empty", nil)
	}
	changed, err := rows.Exec(ctx, tx, "answer a question", putAnswer, rows.Args{"id": questionID, "answer": body, "person": personID, "now": now})
	if err != nil {
		return q, err
	}
	if changed == 0 {
		return q, sorry.New("question.answered", nil)
	}
	if err := actor.Record(ctx, tx, people.Event{Name: "question.answered", Subject: fmt.Sprintf("product/%d", q.ProductID),
		Data: map[string]any{"question": q.ID}, At: now}); err != nil {
		return q, err
	}
	err = people.Notify(ctx, tx, people.Notice{PersonID: q.PersonID, Name: "question.answered", Args: map[string]any{"question": q.ID},
		Timing: people.AllowedHours, Dedupe: fmt.Sprintf("question.answered/%d", q.ID)}, now)
	if err != nil {
		return q, err
	}
	return LoadQuestion(ctx, tx, questionID)
}

// An operator who was asked meanwhile may be answering too: the sellers' own answer still goes out.
const putAnswer = `UPDATE question SET status = 'answered', answer = @answer, answered_by = @person, answered_at = @now
	WHERE id = @id AND status IN ('asked', 'escalated')`

// KeepAnswer leaves a question and its answer on the product's card, or takes them off. Only those who may act for the cooperative do.
func KeepAnswer(ctx context.Context, tx pgx.Tx, personID, questionID int64, on bool, now time.Time) error {
	q, actor, err := questionOf(ctx, tx, personID, questionID)
	if err != nil {
		return err
	}
	changed, err := rows.Exec(ctx, tx, "keep an answer on the card", `UPDATE question SET on_card = @on WHERE id = @id AND status = 'answered' AND on_card <> @on`,
		rows.Args{"id": questionID, "on": on})
	if err != nil || changed == 0 {
		return err
	}
	return actor.Record(ctx, tx, people.Event{Name: "question.kept", Subject: fmt.Sprintf("product/%d", q.ProductID),
		Data: map[string]any{"question": q.ID, "on": on}, At: now})
}

// questionOf is a question to a cooperative that the person may act for.
func questionOf(ctx context.Context, tx pgx.Tx, personID, questionID int64) (Question, Actor, error) {
	q, found, err := rows.Maybe[Question](ctx, tx, "load a question", selectQuestion+` WHERE q.id = @id`, rows.Args{"id": questionID})
	if err != nil {
		return q, Actor{}, err
	}
	if !found {
		return q, Actor{}, sorry.New("question.unknown", nil)
	}
	actor, err := MayAct(ctx, tx, personID, q.CooperativeID)
	return q, actor, err
}

// CardAnswers are the questions that stay on a product's card, the newest first.
func CardAnswers(ctx context.Context, tx pgx.Tx, productID int64, limit int) ([]Question, error) {
	return rows.All[Question](ctx, tx, "list a card's answers", selectQuestion+` WHERE q.product_id = @product AND q.on_card
		ORDER BY q.id DESC LIMIT @limit`, rows.Args{"product": productID, "limit": limit})
}

// EscalateQuestions hands at most limit questions that nobody answered in time to the operators: each joins the asker's ticket, so that
// an operator's answer reaches them, and the asker is told.
func EscalateQuestions(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	late, err := rows.All[Question](ctx, tx, "list questions that wait", selectQuestion+` WHERE q.status = 'asked' AND q.escalate_at <= @now
		ORDER BY q.escalate_at LIMIT @limit FOR NO KEY UPDATE OF q SKIP LOCKED`, rows.Args{"now": now, "limit": limit})
	if err != nil {
		return 0, err
	}
	for _, q := range late {
		ticket, err := people.OpenTicket(ctx, tx, people.Ticket{PersonID: q.PersonID, Kind: people.Asked,
			Body: fmt.Sprintf("question %d about %s %s, unanswered: %s", q.ID, q.Code, q.Title.In("fr"), q.Body)}, now)
		if err != nil {
			return 0, err
		}
		_, err = rows.Exec(ctx, tx, "hand on a question", `UPDATE question SET status = 'escalated', ticket_id = @ticket WHERE id = @id`,
			rows.Args{"id": q.ID, "ticket": ticket})
		if err != nil {
			return 0, err
		}
		err = people.Notify(ctx, tx, people.Notice{PersonID: q.PersonID, Name: "question.late", Args: map[string]any{"question": q.ID},
			Timing: people.AllowedHours, Dedupe: fmt.Sprintf("question.late/%d", q.ID)}, now)
		if err != nil {
			return 0, err
		}
	}
	return len(late), nil
}

// cleanWords is what one person says to another through Souk.
func cleanWords(text string) string {
	safe, _ := HideContacts(strings.Join(strings.Fields(text), " "))
	if runes := []rune(safe); len(runes) > MaxQuestion {
		safe = string(runes[:MaxQuestion-1]) + "…"
	}
	return safe
}
