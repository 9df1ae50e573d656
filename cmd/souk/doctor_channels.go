package main

import (
	"context"
	"fmt"

	"souk/bot/telegram"
	"souk/bot/twilio"
)

func (e *examination) telegram(ctx context.Context) {
	const what = "Telegram"
	if !e.s.TelegramOn() {
		e.say(markOff, what, "SOUK_TELEGRAM_TOKEN is not set")
		return
	}
	channel, err := e.s.newTelegram(telegram.Photos{})
	if err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	username, err := channel.Me(ctx)
	if err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	e.say(markGood, what, "@"+username+" answers")
	hook, err := channel.Webhook(ctx, e.s.PublicURL)
	switch {
	case err != nil:
		e.say(markFault, "its webhook", err.Error())
	case hook.URL == "":
		e.say(markNote, "its webhook", "is not set: serve sets it")
	case hook.Differs:
		e.say(markNote, "its webhook", hook.URL+" is not what these settings ask for: serve sets it anew")
	case hook.LastError != "":
		e.say(markNote, "its webhook", fmt.Sprintf("%s, %d updates wait; Telegram's last call failed: %s", hook.URL, hook.Pending, hook.LastError))
	default:
		e.say(markGood, "its webhook", fmt.Sprintf("%s, %d updates wait", hook.URL, hook.Pending))
	}
}

func (e *examination) twilio(ctx context.Context) {
	const what = "Twilio"
	if e.s.Twilio.AccountSID == "" {
		e.say(markOff, "WhatsApp", "SOUK_TWILIO_ACCOUNT_SID is not set")
		e.say(markOff, "SMS", "SOUK_TWILIO_ACCOUNT_SID is not set")
		return
	}
	account, err := e.s.newTwilio(nil)
	if err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	status, err := account.Status(ctx)
	switch {
	case err != nil:
		e.say(markFault, what, err.Error())
	case status != "active":
		e.say(markFault, what, "the account is "+status)
	default:
		e.say(markGood, what, "the account is active")
	}
	e.whatsApp(ctx, account)
	if e.s.SMSOn() {
		e.say(markGood, "SMS", "sends from "+e.s.Twilio.SMSFrom+"; its webhook must be "+e.s.PublicURL+twilio.InboundPath+"#rc=5&rp=all")
	} else {
		e.say(markOff, "SMS", "SOUK_TWILIO_SMS_FROM is not set")
	}
}

func (e *examination) whatsApp(ctx context.Context, account *twilio.Account) {
	const what = "WhatsApp"
	if !e.s.WhatsAppOn() {
		e.say(markOff, what, "SOUK_TWILIO_WHATSAPP_FROM is not set")
		return
	}
	e.say(markGood, what, "sends from "+e.s.Twilio.WhatsAppFrom+"; its webhook must be "+e.s.PublicURL+twilio.InboundPath+"#rc=5&rp=all")
	words := e.words()
	if e.pool == nil || words == nil {
		return
	}
	channel, _ := e.s.newWhatsApp(account, e.pool, words, nil)
	switch missing, err := channel.Recall(ctx); {
	case err != nil:
		e.say(markFault, "its buttons", err.Error())
	case missing > 0:
		e.say(markNote, "its buttons", fmt.Sprintf("%d Content resources are missing: souk twilio sync makes them, until then lists are typed by number", missing))
	default:
		e.say(markGood, "its buttons", "every Content resource is there")
	}
}
