package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
)

// operatorReview is where operators look at listings and papers.
type operatorReview struct {
	Reviews   operatorReviews   `cmd:"" help:"List the listings that wait for your eyes, the oldest promise first."`
	Review    operatorOneReview `cmd:"" help:"Show one listing that waits, with everything that buyers would see."`
	Publish   operatorPublish   `cmd:"" help:"Let a listing go on sale; its sellers are told."`
	SendBack  operatorSendBack  `cmd:"" help:"Send a listing back; its sellers are told why."`
	Documents operatorDocuments `cmd:"" help:"List the papers that wait to be verified."`
	Document  operatorDocument  `cmd:"" help:"Enter a cooperative's paper, to be verified."`
	Verify    operatorVerify    `cmd:"" help:"Say that a paper is good: what waited for it goes on sale."`
	Reject    operatorReject    `cmd:"" help:"Say that a paper is not good, and why."`
}

type operatorReviews struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorReviews) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		reviews, err := catalog.Reviews(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"REVIEW", "PRODUCT", "TITLE", "COOPERATIVE", "WHY", "PROMISED"}}
		for _, r := range reviews {
			promised := r.PromisedAt.Local().Format("2006-01-02 15:04")
			if r.EscalatedAt != nil {
				promised += " (late before)"
			}
			rows = append(rows, []string{fmt.Sprint(r.ID), r.Code, short(r.Title.In("fr"), 40), short(r.Cooperative.In("fr"), 30),
				strings.TrimSpace(string(r.Reason) + " " + short(r.Words, 60)), promised})
		}
		d.table(rows, "No listing waits.")
		return nil
	})
}

type operatorOneReview struct {
	ID int64 `arg:"" help:"The review's number."`
}

func (c operatorOneReview) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		r, err := catalog.LoadReview(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		own, err := catalog.LoadOwn(ctx, tx, r.ProductID)
		if err != nil {
			return err
		}
		pictures, err := catalog.Photos(ctx, tx, r.ProductID)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Review %d of %s (%s), %s: %s %s\n", r.ID, r.Code, own.Status, plain(r.Cooperative.In("fr")), r.Reason, plain(r.Words))
		fmt.Fprintf(d.stdout, "Waits %s, promised for %s\n\n", d.ago(r.CreatedAt), r.PromisedAt.Local().Format("2006-01-02 15:04"))
		fmt.Fprintf(d.stdout, "  %s\n  %s\n", plain(own.Title["fr"]), plain(own.Title["ar"]))
		for _, p := range own.Packs {
			fmt.Fprintf(d.stdout, "  %s %s: %d.%02d dh, stock %d\n", p.PackAmount, p.PackUnit, p.Price/100, p.Price%100, p.OnHand)
		}
		for _, p := range pictures {
			fmt.Fprintf(d.stdout, "  picture %s, %d × %d\n", p.Key, p.Width, p.Height)
		}
		if r.Decision == "" {
			fmt.Fprintf(d.stdout, "\nsouk operator publish %d, or: souk operator send-back %d --note \"…\"\n", r.ID, r.ID)
		}
		return nil
	})
}

type operatorPublish struct {
	ID int64  `arg:"" help:"The review's number."`
	As string `help:"Who decides; the system's user name if not given."`
}

func (c operatorPublish) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		r, err := catalog.Approve(ctx, tx, c.ID, operatorName(c.As), d.now)
		if err != nil {
			return err
		}
		own, err := catalog.LoadOwn(ctx, tx, r.ProductID)
		if err != nil {
			return err
		}
		if own.Status != catalog.Published {
			fmt.Fprintf(d.stdout, "%s is approved. It is food and still waits for its ONSSA number: see souk operator documents.\n", r.Code)
			return nil
		}
		fmt.Fprintf(d.stdout, "%s is on sale; its sellers are told.\n", r.Code)
		return nil
	})
}

type operatorSendBack struct {
	ID   int64  `arg:"" help:"The review's number."`
	Note string `required:"" help:"Why, in words for the sellers, in their language."`
	As   string `help:"Who decides; the system's user name if not given."`
}

func (c operatorSendBack) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		r, err := catalog.Refuse(ctx, tx, c.ID, operatorName(c.As), c.Note, d.now)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "%s is not for sale; its sellers are told why.\n", r.Code)
		return nil
	})
}

type operatorDocuments struct {
	All   bool `help:"Those that were decided too, the newest first."`
	Limit int  `default:"50" help:"At most so many."`
}

func (c operatorDocuments) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		papers, err := catalog.Documents(ctx, tx, c.All, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"DOCUMENT", "COOPERATIVE", "KIND", "NUMBER", "STATUS", "UNTIL", "SINCE"}}
		for _, p := range papers {
			until := ""
			if p.ExpiresOn != nil {
				until = p.ExpiresOn.Format(time.DateOnly)
			}
			rows = append(rows, []string{fmt.Sprint(p.ID), p.Code + " " + short(p.Cooperative.In("fr"), 30), p.Kind, short(p.Number, 30), p.Status, until, d.ago(p.CreatedAt)})
		}
		d.table(rows, "No paper waits.")
		return nil
	})
}

type operatorDocument struct {
	Cooperative string `arg:"" help:"The cooperative's code, such as C12."`
	Kind        string `arg:"" enum:"onssa,igp,aop,label_agricole,terroir,bio" help:"onssa, igp, aop, label_agricole, terroir or bio."`
	Number      string `arg:"" help:"The paper's number."`
}

func (c operatorDocument) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		coop, err := catalog.CooperativeByCode(ctx, tx, c.Cooperative)
		if err != nil {
			return err
		}
		id, err := catalog.SubmitDocument(ctx, tx, coop.ID, c.Kind, c.Number, nil, catalog.Actor{}, d.now)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Document %d. Once you have seen it: souk operator verify %d --until 2027-12-31\n", id, id)
		return nil
	})
}

type operatorVerify struct {
	ID    int64  `arg:"" help:"The document's number here, from souk operator documents."`
	Until string `help:"The last day on which it is good, such as 2027-12-31; without it, it does not end."`
}

func (c operatorVerify) Run(ctx context.Context, o *outside) error {
	var until *time.Time
	if c.Until != "" {
		day, err := time.Parse(time.DateOnly, c.Until)
		if err != nil {
			return fmt.Errorf("--until %q is no day such as 2027-12-31", c.Until)
		}
		until = &day
	}
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		released, err := catalog.VerifyDocument(ctx, tx, c.ID, until, d.now)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Document %d is verified. Listings that waited for it: %d.\n", c.ID, released)
		return nil
	})
}

type operatorReject struct {
	ID   int64  `arg:"" help:"The document's number here."`
	Note string `required:"" help:"Why, in words for the cooperative, in its language."`
}

func (c operatorReject) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		if err := catalog.RejectDocument(ctx, tx, c.ID, c.Note, d.now); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Document %d is rejected; the cooperative is told why.\n", c.ID)
		return nil
	})
}
