//! Any request in any order: the same answers for the same ones, and for hostile ones a bound.

mod hostile;
mod requests;
mod same;
