package catalog_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/people"
)

var codes = catalog.NewCodes("a secret of the tests")

func (m *market) invite(i catalog.Invitation, now time.Time) catalog.Invitation {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		i, err = catalog.Invite(ctx, tx, i, now)
		return err
	})
	return i
}

// join types a code.
func (m *market) join(personID int64, typed, phone string, now time.Time) (j catalog.Join) {
	m.t.Helper()
	code, ok := catalog.ReadInvitationCode(typed)
	if !ok {
		m.t.Fatalf("%q is read as no code", typed)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		j, err = codes.JoinByCode(ctx, tx, personID, code, phone, now)
		return err
	})
	return j
}

func (m *market) invitedCooperative() catalog.Cooperative {
	m.t.Helper()
	var c catalog.Cooperative
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		c, err = catalog.NewCooperative{Name: words("Femmes d'Azilal", "نساء أزيلال"), TownID: "azilal"}.Create(ctx, tx, 0, noon)
		return err
	})
	return c
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	code := codes.Invitation(catalog.Invitation{ID: 120, Generation: 3})
	want, ok := catalog.ReadInvitationCode(code)
	if !ok || want.ID != 120 {
		t.Fatalf("%s is read as %+v, %v", code, want, ok)
	}
	bare := strings.ReplaceAll(code, "-", "")
	for _, typed := range []string{strings.ToLower(code), bare, " " + code + " ", "Mon code : " + code + ".", bare[:1] + " " + bare[1:4] + " " + bare[4:7] + " " + bare[7:],
		strings.NewReplacer("0", "O", "1", "I").Replace(code[:5]) + strings.NewReplacer("0", "o", "1", "l").Replace(code[5:])} {
		if strings.HasPrefix(typed, "JI") { // the number itself is digits
			typed = "J120" + typed[4:]
		}
		if got, ok := catalog.ReadInvitationCode(typed); !ok || got != want {
			t.Errorf("%q is read as %+v, %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "J12", "je veux 20 pommes", "S7K2QMX", "0612345678", "bonjour", "J12-7KQ2M", "J12-7KQ2MXA", strings.Repeat("x", 500) + code} {
		if got, ok := catalog.ReadInvitationCode(typed); ok {
			t.Errorf("%q is read as %+v", typed, got)
		}
	}
	if other := catalog.NewCodes("another secret").Invitation(catalog.Invitation{ID: 120, Generation: 3}); other == code {
		t.Error("two secrets make one code")
	}
	if again := codes.Invitation(catalog.Invitation{ID: 120, Generation: 4}); again == code {
		t.Error("a new generation has the old code")
	}
}

func TestTheFirstMemberBeginsTheCooperative(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.invitedCooperative()
	if c.Code != "C16" || c.Status != catalog.Invited {
		t.Fatalf("%+v", c)
	}
	i := m.invite(catalog.Invitation{CooperativeID: c.ID, Role: catalog.Manager}, noon)
	rosa, other := m.person(), m.person()
	j := m.join(rosa, codes.Invitation(i), "", noon)
	if j.Outcome != catalog.Joined || !j.First || j.Role != catalog.Manager || j.Cooperative["fr"] != "Femmes d'Azilal" {
		t.Errorf("%+v", j)
	}
	if actor, refusal := m.who(rosa, c.ID); actor.PersonID != rosa || refusal != "" {
		t.Errorf("the new manager: %+v %s", actor, refusal)
	}
	if n := m.number(`SELECT count(*) FROM cooperative WHERE id = $1 AND status = 'active' AND trusted_at IS NULL`, c.ID); n != 1 {
		t.Error("it is not active, or trusted before its first listing")
	}
	if n := m.number(`SELECT count(*) FROM baseline WHERE cooperative_id = $1 AND asked_at IS NULL`, c.ID); n != 3 {
		t.Errorf("%d baselines planned", n)
	}
	if j := m.join(rosa, codes.Invitation(i), "", noon); j.Outcome != catalog.IsMember {
		t.Errorf("the same code again, by herself: %+v", j)
	}
	if j := m.join(other, codes.Invitation(i), "", noon); j.Outcome != catalog.InviteUsed {
		t.Errorf("the same code again, by another: %+v", j)
	}
}

func TestWrongCodesAreRemembered(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.cooperative("C1")
	i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Seller}, noon)
	p := m.person()
	code := codes.Invitation(i)
	wrong := code[:len(code)-6] + "ZZZZZZ"
	for left := catalog.InvitationTries - 1; left > 0; left-- {
		if j := m.join(p, wrong, "", noon); j.Outcome != catalog.WrongCode || j.TriesLeft != left || j.Cooperative != nil {
			t.Fatalf("with %d tries left: %+v", left, j)
		}
	}
	if j := m.join(p, wrong, "", noon); j.Outcome != catalog.TriesOver {
		t.Errorf("the fifth wrong code: %+v", j)
	}
	if j := m.join(p, code, "", noon); j.Outcome != catalog.TriesOver {
		t.Errorf("the right code after five wrong ones: %+v", j)
	}
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'invitation.wrong_code' AND actor_id = $1`, p); n != 5 {
		t.Errorf("%d wrong codes in the trail", n)
	}
	if j := m.join(p, "J999-ZZZZZZ", "", noon); j.Outcome != catalog.WrongCode || j.TriesLeft != -1 {
		t.Errorf("a code of no invitation: %+v", j)
	}
}

func TestAnInvitationExpiresAndIsMadeAnew(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c, p := m.cooperative("C1"), m.person()
	i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Seller, Phone: "+212612345678"}, noon)
	late := noon.Add(catalog.InvitationLife)
	if j := m.join(p, codes.Invitation(i), "+212612345678", late); j.Outcome != catalog.InviteExpired {
		t.Errorf("after its last day: %+v", j)
	}
	again := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Manager, Phone: "+212612345678"}, late)
	if again.ID != i.ID || again.Generation != i.Generation+1 || again.Role != catalog.Manager || !again.ExpiresAt.Equal(late.Add(catalog.InvitationLife)) {
		t.Errorf("made anew: %+v", again)
	}
	if j := m.join(p, codes.Invitation(i), "+212612345678", late); j.Outcome != catalog.WrongCode {
		t.Errorf("the old code: %+v", j)
	}
	if j := m.join(p, codes.Invitation(again), "+212612345678", late); j.Outcome != catalog.Joined || j.Role != catalog.Manager {
		t.Errorf("the new code: %+v", j)
	}
}

func TestAnInvitationForANumber(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c, p := m.cooperative("C1"), m.person()
	i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Seller, Phone: "+212612345678"}, noon)
	if j := m.join(p, codes.Invitation(i), "", noon); j.Outcome != catalog.NeedsPhone {
		t.Errorf("without a number: %+v", j)
	}
	if j := m.join(p, codes.Invitation(i), "+212699999999", noon); j.Outcome != catalog.WrongPhone || j.TriesLeft != 4 {
		t.Errorf("with another number: %+v", j)
	}
	if j := m.join(p, codes.Invitation(i), "+212612345678", noon); j.Outcome != catalog.Joined {
		t.Errorf("with the number: %+v", j)
	}
}

func TestNobodyJoinsWhatIsClosedAndNobodyLosesARole(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	suspended := m.invite(catalog.Invitation{CooperativeID: m.cooperative("C14"), Role: catalog.Seller}, noon)
	if j := m.join(m.person(), codes.Invitation(suspended), "", noon); j.Outcome != catalog.NoLongerOpen {
		t.Errorf("a suspended cooperative: %+v", j)
	}
	c := m.cooperative("C1")
	manager := m.member(c, catalog.Manager)
	i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Helper}, noon)
	if j := m.join(manager, codes.Invitation(i), "", noon); j.Outcome != catalog.IsMember || j.Role != catalog.Manager {
		t.Errorf("a manager with a helper's code: %+v", j)
	}
	if j := m.join(m.person(), codes.Invitation(i), "", noon); j.Outcome != catalog.Joined {
		t.Errorf("the code is still good for another: %+v", j)
	}
}

// Many come at once with one code: one is in.
func TestOneCodeLetsOneIn(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.invitedCooperative()
	i := m.invite(catalog.Invitation{CooperativeID: c.ID, Role: catalog.Manager}, noon)
	code, _ := catalog.ReadInvitationCode(codes.Invitation(i))
	var all sync.WaitGroup
	outcomes := make(chan catalog.JoinOutcome, 8)
	for range 8 {
		p := m.person()
		all.Go(func() {
			err := m.try(func(ctx context.Context, tx pgx.Tx) error {
				j, err := codes.JoinByCode(ctx, tx, p, code, "", noon)
				if err == nil {
					outcomes <- j.Outcome
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(outcomes)
	count := map[catalog.JoinOutcome]int{}
	for o := range outcomes {
		count[o]++
	}
	if count[catalog.Joined] != 1 || count[catalog.InviteUsed] != 7 {
		t.Errorf("%v", count)
	}
}

func TestTheInvitedPersonIsAskedAndTheInviterTold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.cooperative("C1")
	manager, aicha, fatima := m.member(c, catalog.Manager), m.person(), m.person()
	for p, yes := range map[int64]bool{aicha: true, fatima: false} {
		i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Seller, PersonID: p, InvitedBy: manager}, noon)
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			_, err := catalog.AnswerInvitation(ctx, tx, p, i.ID, yes, noon)
			return err
		})
	}
	for name, want := range map[string]int64{"invitation.asked": 2, "member.joined": 1, "invitation.declined": 1} {
		if n := m.number(`SELECT count(*) FROM notice WHERE name = $1`, name); n != want {
			t.Errorf("%d notices %s", n, name)
		}
	}
	if _, refusal := m.who(aicha, c); refusal != "" {
		t.Errorf("who said yes: %s", refusal)
	}
	if _, refusal := m.who(fatima, c); refusal != "member.not_allowed" {
		t.Errorf("who said no: %s", refusal)
	}
}

func TestAnApplicationFromItsFirstWordToItsCooperative(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	p := m.person()
	var a catalog.Application
	save := func(change func(a *catalog.Application)) {
		t.Helper()
		change(&a)
		m.do(func(ctx context.Context, tx pgx.Tx) error { return a.Save(ctx, tx) })
	}
	load := func() {
		t.Helper()
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) { a, err = catalog.Apply(ctx, tx, p, noon); return err })
	}
	load()
	if a.Next() != catalog.AppName {
		t.Errorf("first asked: %q", a.Next())
	}
	save(func(a *catalog.Application) { a.AnswerName("ar", "نساء أزيلال") })
	load()
	if a.Next() != catalog.AppOtherName || a.Before("") != catalog.AppName {
		t.Errorf("then asked: %q", a.Next())
	}
	save(func(a *catalog.Application) {
		a.Skip(catalog.AppOtherName)
		a.Answer(catalog.AppTown, "azilal")
		a.Skip(catalog.AppRegister)
	})
	save(func(a *catalog.Application) {
		a.Answer(catalog.AppPhone, "+212612345678")
		a.Answer(catalog.AppProducts, strings.Repeat("miel ", 300))
		for range catalog.MaxDocuments + 2 {
			a.AddDocument(people.Media{ID: "m", Kind: "photo"})
		}
		a.Skip(catalog.AppDocuments)
	})
	load()
	if a.Next() != "" || len(a.Products) > catalog.MaxProducts || len(a.Documents) != catalog.MaxDocuments {
		t.Errorf("at the end: %q, %d, %d", a.Next(), len(a.Products), len(a.Documents))
	}
	var promised time.Time
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		promised, err = a.Submit(ctx, tx, people.Ticket{Body: "Femmes d'Azilal"}, noon)
		return err
	})
	if promised.Sub(noon) < 24*time.Hour || promised.Sub(noon) > 4*24*time.Hour {
		t.Errorf("promised after %v", promised.Sub(noon))
	}
	load()
	if a.Status != "submitted" || a.TicketID == 0 {
		t.Errorf("submitted: %+v", a)
	}
	if _, refusal := m.refused(func(ctx context.Context, tx pgx.Tx) error { return a.Save(ctx, tx) }); refusal != "application.sent" {
		t.Errorf("written on after it was sent: %q", refusal)
	}
	accept := func(ctx context.Context, tx pgx.Tx) error {
		_, err := a.Accept(ctx, tx, "Salma", noon)
		return err
	}
	if _, refusal := m.refused(accept); refusal != "cooperative.name" {
		t.Errorf("accepted without a French name: %q", refusal)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return a.Complete(ctx, tx, catalog.Words{"fr": "Femmes d'Azilal"}, "")
	})
	m.do(accept)
	if n := m.number(`SELECT count(*) FROM member m JOIN cooperative c ON c.id = m.cooperative_id WHERE m.person_id = $1 AND m.role = 'manager'
		AND c.status = 'active' AND c.region_code = 'MA-05' AND c.phone = '+212612345678' AND c.name->>'ar' = 'نساء أزيلال'`, p); n != 1 {
		t.Error("the cooperative is not there, or not as it was written")
	}
	if n := m.number(`SELECT count(*) FROM notice n, ticket k WHERE n.name = 'application.accepted' AND n.person_id = $1 AND k.kind = 'joining' AND k.status = 'closed'`, p); n != 1 {
		t.Error("the person is not told, or the ticket is open")
	}
	if _, refusal := m.refused(accept); refusal != "application.decided" {
		t.Errorf("accepted twice: %q", refusal)
	}
	load()
	if a.Status != "open" || a.Next() != catalog.AppName {
		t.Errorf("a second cooperative: %+v", a)
	}
}

// A number that somebody said is theirs is no proof: only who writes from it is asked to join.
func TestOnlyWhoWritesFromANumberIsFound(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	claims, writes := m.person(), m.person()
	find := func() (id int64) {
		t.Helper()
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			id, err = catalog.FindPerson(ctx, tx, "+212612345678")
			return err
		})
		return id
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE person SET phone = '+212612345678' WHERE id = $1`, claims)
		m.exec(tx, `INSERT INTO address (channel, account, external_id, person_id, consented_at, created_at) VALUES ('telegram', 'bot', '99', $1, $2, $2)`, claims, noon)
		return nil
	})
	if id := find(); id != 0 {
		t.Errorf("person %d is found by a number that they only said", id)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `INSERT INTO address (channel, account, external_id, person_id, consented_at, created_at) VALUES ('sms', 'sms', '+212612345678', $1, $2, $2)`, writes, noon)
		return nil
	})
	if id := find(); id != writes {
		t.Errorf("found %d, not who writes from it", id)
	}
}

func TestInvitationsAreBounded(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.cooperative("C1")
	manager, aicha := m.member(c, catalog.Manager), m.person()
	try := func(i catalog.Invitation, now time.Time) string {
		t.Helper()
		i.CooperativeID, i.Role, i.InvitedBy = c, catalog.Seller, manager
		_, key := m.refused(func(ctx context.Context, tx pgx.Tx) error { _, err := catalog.Invite(ctx, tx, i, now); return err })
		return key
	}
	i := m.invite(catalog.Invitation{CooperativeID: c, Role: catalog.Seller, PersonID: aicha, InvitedBy: manager}, noon)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		_, err := catalog.AnswerInvitation(ctx, tx, aicha, i.ID, false, noon)
		return err
	})
	if key := try(catalog.Invitation{PersonID: aicha}, noon.AddDate(0, 0, 3)); key != "invitation.declined" {
		t.Errorf("asked again three days after a no: %q", key)
	}
	if key := try(catalog.Invitation{PersonID: aicha}, noon.AddDate(0, 2, 0)); key != "" {
		t.Errorf("asked again two months after a no: %q", key)
	}
	for range catalog.MaxInvitations - 1 {
		if key := try(catalog.Invitation{Name: "Nadia"}, noon.AddDate(0, 2, 0)); key != "" {
			t.Fatalf("invited: %q", key)
		}
	}
	if key := try(catalog.Invitation{Name: "Nadia"}, noon.AddDate(0, 2, 0)); key != "invitation.too_many" {
		t.Errorf("one too many: %q", key)
	}
}
