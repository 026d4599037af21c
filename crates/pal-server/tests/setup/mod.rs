//! What is read before anything is served: the configuration, in which a fault must be found from
//! its message alone. Certificates and the fetching of keys are private, and tested beside them.

mod config;
mod loading;
mod sources;
