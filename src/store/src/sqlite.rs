//! placeholder: file-backed, content-addressed artifacts
