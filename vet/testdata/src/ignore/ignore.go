// Package ignore shows what a directive must say.
package ignore

// Bad: nobody knows what is excused.
//
//failover:ignore // want `this directive names no analyzer and excuses nothing`
var a = 1

//failover:ignore everything it is fine // want `this directive names no analyzer .*one of dropped, unbounded`
var b = 2

// Bad: the next reader cannot judge the excuse.
//
//failover:ignore dropped // want `this directive has no reason and excuses nothing`
var c = 3

// Good.
//
//failover:ignore dropped the value is written again every second
var d = 4

//failover:ignored is another word
var e = 5
