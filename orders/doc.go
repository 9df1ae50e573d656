// Package orders holds what people buy: carts, holds, purchases split per cooperative, delivery, and the rules of each status.
//
// Locks are always taken in one order: person, cart, purchase, coop_order, stock by variant id.
package orders
