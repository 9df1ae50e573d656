package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
)

// joiningEverywhere are the rows of joining, members and helpers that are heard in every state: the codes, links and buttons, which
// go before free text.
func joiningEverywhere() []Row {
	return []Row{
		on(bringsCode(), nil, "").enter("invited").again(),
		on(wantsOther(), beginOther, "").enter("joining"),
		on(endsByButton(), endByButton, ""),
		on(goes("toJoining", "join"), nil, "").enter("joining"),
		on(goes("toMembers", "members"), nil, "").enter("members"),
		on(goes("toActing", "acting"), nil, "").enter("acting"),
		on(goes("toCooperative", "cooperative"), nil, "").enter("changing"),
		on(wholeWord("codeWord", codeWords()), nil, "").enter("invited"),
		on(wholeWord("membersWord", membersWords()), nil, "").enter("members"),
		on(wholeWord("actingWord", actingWords()), nil, "").enter("acting"),
	}
}

// wholeWord fits one of these words as the whole message.
func wholeWord(name string, words []string) When {
	known := map[string]bool{}
	for _, w := range words {
		known[locales.Normalise(w)] = true
	}
	return word(name, func(h *Heard) bool { return h.Typed() != "" && isShort(h.Text) && known[locales.Normalise(h.Typed())] })
}

func codeWords() []string {
	return []string{"code", "mon code", "j'ai un code", "un code", "rejoindre", "الرمز", "رمز", "عندي رمز", "لدي رمز", "الكود", "عندي الكود", "عندي كود", "3ndi code",
		"3andi code", "3ndi kod"}
}

func membersWords() []string {
	return []string{"membres", "membre", "les membres", "mes membres", "mon équipe", "équipe", "equipe", "ajouter un membre", "inviter", "الأعضاء", "أعضاء",
		"الاعضاء", "اعضاء", "الفريق", "فريقي", "إضافة عضو", "زيد عضو", "l3adaa", "zid membre"}
}

func actingWords() []string {
	return []string{"aider", "j'aide", "aider un membre", "mes aides", "aide membre", "مساعدة عضو", "مساعدة عضوة", "أساعد", "3awn", "n3awn", "نعاون", "بغيت نعاون"}
}

// joiningNotices are the words for what joining has to tell.
func joiningNotices() map[string]Notice {
	return map[string]Notice{
		"application.accepted":  {Say: tellAccepted},
		"application.refused":   {Say: tellRefused},
		"invitation.asked":      {Say: tellNothing, Enter: "deciding"},
		"invitation.declined":   {Say: tellInviter("notice.invitation_declined")},
		"member.joined":         {Say: tellInviter("notice.member_joined")},
		"member.removed":        {Say: tellOfCooperative("notice.member_removed")},
		"member.role":           {Say: tellRole},
		"acting.asked":          {Say: tellNothing, Enter: "agreeing"},
		"acting.agreed":         {Say: tellActing("notice.acting_agreed")},
		"acting.declined":       {Say: tellActing("notice.acting_declined")},
		"acting.acted":          {Say: tellActed},
		"acting.ended":          {Say: tellActing("notice.acting_ended")},
		"baseline.asked":        {Say: tellNothing, Enter: "baseline"},
		"cooperative.suspended": {Say: tellOfCooperative("notice.cooperative_suspended")},
		"cooperative.closed":    {Say: tellOfCooperative("notice.cooperative_closed")},
		"cooperative.active":    {Say: tellOfCooperative("notice.cooperative_active")},
	}
}

// tellNothing leaves all the words to the flow that follows.
func tellNothing(context.Context, *Turn, NoticeArgs) error { return nil }

func cooperativeName(ctx context.Context, t *Turn, args NoticeArgs) (string, error) {
	c, err := catalog.LoadCooperative(ctx, t.Tx, args.Int("cooperative"))
	return c.Name.In(string(t.lang)), err
}

// tellAccepted brings the good news, with the next step.
func tellAccepted(ctx context.Context, t *Turn, args NoticeArgs) error {
	name, err := cooperativeName(ctx, t, args)
	if err != nil {
		return err
	}
	t.Say("notice.application_accepted", locales.Args{"name": name})
	t.Say("invited.next", nil)
	return nil
}

func tellRefused(ctx context.Context, t *Turn, args NoticeArgs) error {
	a, err := catalog.LoadApplication(ctx, t.Tx, args.Int("application"))
	if err != nil {
		return err
	}
	t.Say("notice.application_refused", locales.Args{"name": applicationName(t, a), "reason": args.Text("reason")})
	t.Offer("talk:joining", t.Text("menu.human", nil))
	return nil
}

// tellInviter tells what became of an invitation.
func tellInviter(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		name, err := cooperativeName(ctx, t, args)
		if err != nil {
			return err
		}
		who := args.Text("name")
		if who == "" {
			if who, err = calledName(ctx, t, args.Int("person")); err != nil {
				return err
			}
		}
		t.Say(key, locales.Args{"who": who, "name": name, "role": roleWord(t, catalog.MemberRole(args.Text("role")))})
		return nil
	}
}

// tellOfCooperative tells a member what happened to the cooperative, or to them in it.
func tellOfCooperative(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		name, err := cooperativeName(ctx, t, args)
		if err != nil {
			return err
		}
		t.Say(key, locales.Args{"name": name})
		t.SayLine(args.Text("reason"))
		if key != "notice.cooperative_active" {
			t.Offer("talk:cooperative", t.Text("menu.human", nil))
		}
		return nil
	}
}

func tellRole(ctx context.Context, t *Turn, args NoticeArgs) error {
	name, err := cooperativeName(ctx, t, args)
	if err != nil {
		return err
	}
	role := catalog.MemberRole(args.Text("role"))
	t.Say("notice.member_role", locales.Args{"name": name, "role": roleWord(t, role)})
	return nil
}

// tellActing tells the helper, or the member, how it stands between them.
func tellActing(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		a, err := loadAgreeing(ctx, t, args.Int("acting"))
		if err != nil {
			return err
		}
		other := a.MemberID
		if t.PersonID() == a.MemberID {
			other = a.HelperID
		}
		who, err := calledName(ctx, t, other)
		if err != nil {
			return err
		}
		t.Say(key, locales.Args{"who": who, "name": a.cooperative})
		return nil
	}
}
