package sample

import (
	"errors"
	"fmt"
	"regexp"
	"unicode"
)

// Limits that the channels set: a WhatsApp list shows 24 characters of a row's title, and a card wants one breath of text.
const (
	maxShelf = 24
	maxTitle = 34
	maxAbout = 120
)

var (
	productCode     = regexp.MustCompile(`^P[1-9][0-9]{0,3}$`)
	cooperativeCode = regexp.MustCompile(`^C[1-9][0-9]{0,3}$`)
	relayCode       = regexp.MustCompile(`^R[1-9][0-9]{0,3}$`)
	onssaNumber     = regexp.MustCompile(`^[A-Z]{2}\.([1-9]|1[0-2])\.[0-9]{2,4}\.[0-9]{2}$`)
	// Numbers of nobody: +212 6 00 00 00 xx.
	fictionalPhone = regexp.MustCompile(`^\+2126000000[0-9]{2}$`)
)

// check finds everything that does not fit, at once.
func (d *Data) check() error {
	c := checker{unique: map[string]bool{}}
	c.places(d)
	c.shelves(d)
	c.cooperatives(d)
	c.products(d)
	c.relays(d)
	return errors.Join(c.faults...)
}

type checker struct {
	faults []error
	unique map[string]bool
	towns  map[string]bool
	food   map[string]bool // by category
	labels map[string]bool
	coops  map[string]Cooperative // by key
}

func (c *checker) require(ok bool, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, fmt.Errorf("sample: "+format, args...))
	}
}

// once refuses a second use of what must be unique of its kind.
func (c *checker) once(kind, value string) {
	c.require(value != "" && !c.unique[kind+" "+value], "%s %q is empty or used twice", kind, value)
	c.unique[kind+" "+value] = true
}

func (c *checker) words(where, fr, ar string, most int) {
	c.require(latin(fr), "%s: French %q has no Latin letter", where, fr)
	c.require(arabic(ar), "%s: Arabic %q has no Arabic letter", where, ar)
	c.require(len([]rune(fr)) <= most && len([]rune(ar)) <= most, "%s: %q / %q is longer than %d", where, fr, ar, most)
}

func (c *checker) places(d *Data) {
	c.towns = map[string]bool{}
	for _, region := range d.Regions {
		c.once("region", region.Code)
		c.words(region.Code, region.Fr, region.Ar, 60)
		c.require(region.HomeFeeDh > 0 && region.RelayFeeDh > 0, "%s: fees must be positive", region.Code)
		for _, town := range region.Towns {
			c.once("town", town.ID)
			c.words(town.ID, town.Fr, town.Ar, 40)
			c.towns[town.ID] = true
		}
	}
}

func (c *checker) shelves(d *Data) {
	c.food, c.labels = map[string]bool{}, map[string]bool{}
	for _, category := range d.Categories {
		c.once("category", category.ID)
		c.words(category.ID, category.Fr, category.Ar, maxShelf)
		c.require(category.Icon != "", "%s: no icon", category.ID)
		c.food[category.ID] = category.Food
	}
	for _, label := range d.Labels {
		c.once("label", label.Key)
		c.words(label.Key, label.Fr, label.Ar, 60)
		switch label.Kind {
		case "igp", "aop", "label_agricole", "terroir":
		default:
			c.require(false, "%s: kind %q", label.Key, label.Kind)
		}
		c.labels[label.Key] = true
	}
}

func (c *checker) cooperatives(d *Data) {
	c.coops = map[string]Cooperative{}
	for _, coop := range d.Cooperatives {
		c.once("cooperative", coop.Code)
		c.once("cooperative", coop.Key)
		c.require(cooperativeCode.MatchString(coop.Code), "%s: a cooperative's code is C and a number", coop.Code)
		c.words(coop.Code, coop.Fr, coop.Ar, 40)
		c.words(coop.Code+" story", coop.StoryFr, coop.StoryAr, maxAbout)
		c.require(c.towns[coop.Town], "%s: unknown town %q", coop.Code, coop.Town)
		if coop.ONSSA != "" {
			c.once("onssa", coop.ONSSA)
			c.require(onssaNumber.MatchString(coop.ONSSA), "%s: ONSSA number %q", coop.Code, coop.ONSSA)
		}
		for _, document := range coop.Documents {
			c.once("document", document.Number)
			c.require(c.labels[document.Label], "%s: unknown label %q", coop.Code, document.Label)
		}
		c.require(len(coop.Members) > 0, "%s: no member", coop.Code)
		for _, member := range coop.Members {
			c.once("phone", member.Phone)
			c.require(fictionalPhone.MatchString(member.Phone), "%s: %q might be somebody's number", coop.Code, member.Phone)
			c.require(member.Name != "", "%s: a member without a name", coop.Code)
			c.require(member.Lang == "fr" || member.Lang == "ar", "%s: language %q", coop.Code, member.Lang)
			c.require(member.Role == "manager" || member.Role == "seller" || member.Role == "helper", "%s: role %q", coop.Code, member.Role)
		}
		c.coops[coop.Key] = coop
	}
}

func (c *checker) products(d *Data) {
	for _, product := range d.Products {
		c.once("product", product.Code)
		c.require(productCode.MatchString(product.Code), "%s: a product's code is P and a number", product.Code)
		c.words(product.Code, product.Fr, product.Ar, maxTitle)
		c.words(product.Code+" about", product.AboutFr, product.AboutAr, maxAbout)
		food, known := c.food[product.Category]
		c.require(known, "%s: unknown category %q", product.Code, product.Category)
		coop, known := c.coops[product.Cooperative]
		c.require(known, "%s: unknown cooperative %q", product.Code, product.Cooperative)
		c.require(!food || coop.ONSSA != "", "%s: food, and %s has no ONSSA number", product.Code, coop.Code)
		c.require(product.Label == "" || coop.holds(product.Label), "%s: %s does not hold %q", product.Code, coop.Code, product.Label)
		_, err := Picture(product.Photo)
		c.require(err == nil, "%s: %w", product.Code, err)
		c.require(len(product.Packs) > 0, "%s: no pack", product.Code)
		for _, pack := range product.Packs {
			c.require(pack.Dh > 0 && pack.Stock >= 0, "%s: %s %s at %d dh, stock %d", product.Code, pack.Size.Amount, pack.Size.Unit, pack.Dh, pack.Stock)
		}
	}
}

func (c *checker) relays(d *Data) {
	for _, relay := range d.Relays {
		c.once("relay", relay.Code)
		c.require(relayCode.MatchString(relay.Code), "%s: a relay's code is R and a number", relay.Code)
		c.words(relay.Code, relay.Fr, relay.Ar, 40)
		c.words(relay.Code+" address", relay.AddressFr, relay.AddressAr, 80)
		c.words(relay.Code+" hours", relay.HoursFr, relay.HoursAr, 60)
		c.require(c.towns[relay.Town], "%s: unknown town %q", relay.Code, relay.Town)
		c.require(relay.Latitude > 20 && relay.Latitude < 36 && relay.Longitude > -18 && relay.Longitude < 0, "%s: %v, %v is nowhere near", relay.Code, relay.Latitude, relay.Longitude)
		c.once("phone", relay.Phone)
		c.require(fictionalPhone.MatchString(relay.Phone), "%s: %q might be somebody's number", relay.Code, relay.Phone)
	}
}

func (c Cooperative) holds(label string) bool {
	for _, document := range c.Documents {
		if document.Label == label {
			return true
		}
	}
	return false
}

func latin(s string) bool  { return has(s, unicode.Latin) && !has(s, unicode.Arabic) }
func arabic(s string) bool { return has(s, unicode.Arabic) && !has(s, unicode.Latin) }

func has(s string, script *unicode.RangeTable) bool {
	for _, r := range s {
		if unicode.Is(script, r) {
			return true
		}
	}
	return false
}
