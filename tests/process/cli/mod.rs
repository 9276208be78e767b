//! The commands that ask a server, against a real one.

mod answers;
mod asked;
mod credentials;
mod doctor;
mod hostile;
mod manual;
mod tail;
mod telling;
