//! A small blocking HTTP/1.1 client that can also be rude: whole requests, and a connection for pieces of them.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::Value;

use crate::PATIENCE;

/// A request that is not sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Sent,
}

#[derive(Clone, Debug)]
enum Sent {
    Nothing,
    Whole(Vec<u8>),
    Chunked(Vec<Vec<u8>>),
}

/// A request with any method.
#[must_use]
pub fn request(method: &str, target: &str) -> Request {
    Request { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Sent::Nothing }
}

/// Asks for something.
#[must_use]
pub fn get(target: &str) -> Request {
    request("GET", target)
}

/// Posts a JSON body.
#[must_use]
pub fn post(target: &str, body: &Value) -> Request {
    request("POST", target).json(body)
}

/// Puts a JSON body.
#[must_use]
pub fn put(target: &str, body: &Value) -> Request {
    request("PUT", target).json(body)
}

/// Patches with a JSON body.
#[must_use]
pub fn patch(target: &str, body: &Value) -> Request {
    request("PATCH", target).json(body)
}

/// Deletes something.
#[must_use]
pub fn delete(target: &str) -> Request {
    request("DELETE", target)
}

/// Posts a form: text parts, and one file part named `file`.
#[must_use]
pub fn multipart(target: &str, texts: &[(&str, &str)], file_name: &str, file: &[u8]) -> Request {
    let mut body = Vec::new();
    for (name, text) in texts {
        body.extend(format!("--it\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").bytes());
    }
    let head = format!("--it\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n");
    body.extend(head.bytes());
    body.extend_from_slice(file);
    body.extend(b"\r\n--it--\r\n");
    request("POST", target).body("multipart/form-data; boundary=it", &body)
}

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Takes a JSON body along.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// Takes a body along.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: &[u8]) -> Self {
        self.body = Sent::Whole(body.to_vec());
        self.header("content-type", content_type)
    }

    /// Takes a body along whose length is not said beforehand.
    #[must_use]
    pub fn chunked(mut self, content_type: &str, pieces: &[&[u8]]) -> Self {
        self.body = Sent::Chunked(pieces.iter().map(|piece| piece.to_vec()).collect());
        self.header("content-type", content_type)
    }

    /// Whether the request says who sends it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.has("host") {
            head.push_str("host: gateway.test\r\n");
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = head.into_bytes();
        match &self.body {
            Sent::Nothing => bytes.extend(b"\r\n"),
            Sent::Whole(body) => {
                bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend_from_slice(body);
            }
            Sent::Chunked(pieces) => {
                bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
                for piece in pieces {
                    bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                    bytes.extend_from_slice(piece);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        bytes
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.target, self.headers)
    }
}

/// A response with its whole body.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value a `Set-Cookie` gives to a cookie, and its attributes.
    ///
    /// # Panics
    /// When the cookie is not set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> (String, String) {
        let lines = self.headers.iter().filter(|(known, _)| known == "set-cookie");
        let pairs = lines.filter_map(|(_, line)| line.split_once('='));
        let (_, rest) = pairs.into_iter().find(|(known, _)| *known == name).unwrap_or_else(|| {
            panic!("the cookie {name} is not set: {self:?}");
        });
        let (value, attributes) = rest.split_once("; ").unwrap_or((rest, ""));
        (value.to_owned(), attributes.to_owned())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in a {} of {:?}", self.status, self.text()))
    }
}

/// A connection, for requests in pieces and responses as they come.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"))
    }

    /// Connects, perhaps in vain.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn try_open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends bytes; whether the other side still took them.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.get_mut().write_all(bytes).is_ok()
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        let _ = self.stream.get_mut().shutdown(Shutdown::Write);
    }

    /// Whether the other side ends the connection, perhaps after some words.
    #[must_use]
    pub fn is_closed_by_peer(&mut self) -> bool {
        match self.stream.read_to_end(&mut Vec::new()) {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// A response's status and headers.
    ///
    /// # Errors
    /// When the connection breaks or ends before.
    pub fn read_head(&mut self) -> std::io::Result<Response> {
        let status = self.read_line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::new(ErrorKind::InvalidData, "not a status line"))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Response { status, headers, body: Vec::new() })
    }

    fn read_line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// A whole response.
    ///
    /// # Errors
    /// When the connection breaks or ends before.
    pub fn read_response(&mut self) -> std::io::Result<Response> {
        let mut response = self.read_head()?;
        if let Some(length) = response.header("content-length").and_then(|text| text.parse().ok()) {
            response.body = vec![0; length];
            self.stream.read_exact(&mut response.body)?;
        } else if response.header("transfer-encoding") == Some("chunked") {
            let deadline = Instant::now() + PATIENCE;
            while let Some(chunk) = self.read_chunk()? {
                response.body.extend(chunk);
                if Instant::now() > deadline {
                    return Err(ErrorKind::TimedOut.into());
                }
            }
        }
        Ok(response)
    }

    /// A piece of a chunked body; none at its end.
    ///
    /// # Errors
    /// When the connection breaks or ends before.
    pub fn read_chunk(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let line = self.read_line()?;
        let size = usize::from_str_radix(&line, 16).map_err(|e| std::io::Error::new(ErrorKind::InvalidData, e))?;
        let mut chunk = vec![0; size];
        self.stream.read_exact(&mut chunk)?;
        self.read_line()?;
        Ok((size > 0).then_some(chunk))
    }
}
