// Package flows holds every conversation, declared as tables of states and rows on looplab/fsm. The engine is a function of
// (session, event, now): it sends nothing, reads no clock of its own, and does no I/O but the turn's transaction.
package flows
