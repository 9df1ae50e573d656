// Package people holds who Souk talks with: persons, the addresses where they are reached, what they consented to, their roles,
// what domains want them to hear (notices), what happened (events), and the matters that an operator looks after (tickets).
//
// Every function works inside the caller's transaction and takes the time from the caller. Refusals meant for the person are
// *sorry.Error; everything else that goes wrong is a fault.
package people
