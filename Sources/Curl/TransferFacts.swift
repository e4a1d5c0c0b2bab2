import CCurl

/// What libcurl and the kernel know of a transfer that has ended.
extension EasyHandle {
    /// The response's status; 0 without a response.
    package var status: Int { long(CURLINFO_RESPONSE_CODE) }

    /// Body bytes that the kernel took.
    package var bytesSent: Int { offset(CURLINFO_SIZE_UPLOAD_T) }

    /// Response body bytes.
    package var bytesReceived: Int { offset(CURLINFO_SIZE_DOWNLOAD_T) }

    /// Connections that the transfer had to open.
    package var connectionsOpened: Int { long(CURLINFO_NUM_CONNECTS) }

    /// Microseconds until the connection stood.
    package var connectMicroseconds: Int { offset(CURLINFO_CONNECT_TIME_T) }

    /// Microseconds until the TLS handshake was done; 0 without one.
    package var handshakeMicroseconds: Int { offset(CURLINFO_APPCONNECT_TIME_T) }

    /// Whether the response came over HTTP/2.
    package var isHTTP2: Bool { long(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0 }

    /// The numeric address of the other side; empty without a connection.
    package var remoteAddress: String {
        var text: UnsafeMutableRawPointer?
        guard ccurl_get_pointer(raw, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text else { return "" }
        return String(cString: text.assumingMemoryBound(to: CChar.self))
    }

    /// Takes the number of sockets opened since it was last taken.
    ///
    /// - Returns: The number.
    package func takeSocketsOpened() -> Int {
        defer { context.socketsOpened = 0 }
        return context.socketsOpened
    }

    /// The `errno` behind a failed connection; 0 where none is known.
    package var systemError: Int32 {
        context.socketError != 0 ? context.socketError : Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO))
    }

    /// Everything known about a failure.
    ///
    /// - Parameter code: libcurl's result.
    /// - Returns: The failure, in libcurl's most exact words.
    package func failure(_ code: CurlCode) -> TransferFailure {
        let exact = String(cString: context.words)
        let words = exact.isEmpty ? String(cString: curl_easy_strerror(CURLcode(code.rawValue))) : exact
        return TransferFailure(code: code, systemError: systemError, words: words)
    }

    private func long(_ info: CURLINFO) -> Int {
        var value = 0
        // A number that libcurl does not know reads as 0.
        _ = ccurl_get_long(raw, info, &value)
        return value
    }

    private func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        _ = ccurl_get_offset(raw, info, &value)
        return Int(value)
    }
}
