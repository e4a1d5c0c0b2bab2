import CCurl

/// One libcurl transfer, and after it the next.
///
/// Belongs to one thread at a time. It speaks HTTP/1.1, unless told otherwise, straight to the host it is told: no redirects, no
/// proxies, no signals, no `Expect`. The corresponding C type is `CURL *`.
package struct EasyHandle: ~Copyable {
    let raw: UnsafeMutableRawPointer
    let context: TransferContext

    /// Makes a handle.
    ///
    /// - Throws: ``CurlError`` if libcurl cannot start or memory is short.
    package init() throws(CurlError) {
        try CurlGlobal.start()
        guard let raw = curl_easy_init() else { throw .outOfMemory }
        let context = TransferContext()
        do throws(CurlError) {
            try EasyHandle.applyDefaults(to: raw, context: context)
        } catch {
            curl_easy_cleanup(raw)
            throw error
        }
        self.raw = raw
        self.context = context
    }

    deinit { curl_easy_cleanup(raw) }

    /// Sets who is asked for the body and told what arrives.
    ///
    /// - Parameter observer: The observer, which must outlive every transfer of this handle; the handle
    ///   does not hold it, since most often it is the handle's owner.
    package func observe(_ observer: any TransferObserver) {
        context.observer = observer
    }

    /// Forgets every setting but the defaults; connections stay.
    ///
    /// The corresponding C function is `curl_easy_reset`.
    ///
    /// - Throws: ``CurlError`` if libcurl refuses a default.
    package func reset() throws(CurlError) {
        curl_easy_reset(raw)
        context.headers = nil
        context.sockets = nil
        try EasyHandle.applyDefaults(to: raw, context: context)
    }

    private static func applyDefaults(
        to raw: UnsafeMutableRawPointer,
        context: TransferContext
    ) throws(CurlError) {
        try check(context.install(in: raw))
        try check(ccurl_set_long(raw, CURLOPT_NOSIGNAL, 1))
        try check(ccurl_set_long(raw, CURLOPT_FOLLOWLOCATION, 0))
        try check(ccurl_set_long(raw, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1))
        try check(ccurl_set_string(raw, CURLOPT_PROTOCOLS_STR, "http,https"))
        try check(ccurl_set_string(raw, CURLOPT_PROXY, ""))
    }

    /// Sets where the request goes.
    ///
    /// - Parameters:
    ///   - url: The whole URL.
    ///   - pathAsIs: Whether `.` and `..` in the path are sent as they are.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setURL(_ url: String, pathAsIs: Bool = false) throws(CurlError) {
        try check(ccurl_set_string(raw, CURLOPT_URL, url))
        try set(CURLOPT_PATH_AS_IS, pathAsIs ? 1 : 0)
    }

    /// The body that goes with a request.
    package enum Body {
        /// No body.
        case none
        /// These bytes, which must stay in place until the transfer has ended.
        case bytes(UnsafeRawBufferPointer)
        /// This many bytes, which ``TransferObserver/readBody(into:)`` gives.
        case observer(count: Int)
    }

    /// Sets the method and the body.
    ///
    /// - Parameters:
    ///   - method: The method as it is sent.
    ///   - body: What goes with it.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setRequest(method: String, body: Body) throws(CurlError) {
        try set(CURLOPT_NOBODY, method == "HEAD" ? 1 : 0)
        switch body {
        case .none where method == "HEAD": break
        case .none where method == "GET" || method == "DELETE":
            try set(CURLOPT_HTTPGET, 1)
        case .none:
            try set(CURLOPT_POST, 1)
            try setBytes(UnsafeRawBufferPointer(start: EasyHandle.nothing, count: 0))
        case .bytes(let bytes):
            try set(CURLOPT_POST, 1)
            try setBytes(bytes.isEmpty ? UnsafeRawBufferPointer(start: EasyHandle.nothing, count: 0) : bytes)
        case .observer(let count):
            try set(CURLOPT_POST, 1)
            try check(ccurl_set_pointer(raw, CURLOPT_POSTFIELDS, nil))
            try check(ccurl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count)))
        }
        try check(ccurl_set_string(raw, CURLOPT_CUSTOMREQUEST, method == "HEAD" ? nil : method))
    }

    /// An address for bodies of no bytes: a null pointer would mean the read callback.
    ///
    /// Safe to share: no byte behind it is ever read or written.
    private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(
        byteCount: 1,
        alignment: 1
    )

    private func setBytes(_ bytes: UnsafeRawBufferPointer) throws(CurlError) {
        try check(ccurl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        try check(ccurl_set_pointer(raw, CURLOPT_POSTFIELDS, bytes.baseAddress))
    }

    /// Sets the request's fields.
    ///
    /// - Parameter list: The fields; the handle keeps them.
    /// - Throws: ``CurlError`` if libcurl refuses them.
    package func setHeaders(_ list: HeaderList) throws(CurlError) {
        context.headers = list
        try check(ccurl_set_pointer(raw, CURLOPT_HTTPHEADER, list.first))
    }

    /// Sets how long connecting and the whole transfer may take.
    ///
    /// - Parameters:
    ///   - connectMilliseconds: The most for connecting.
    ///   - totalMilliseconds: The most for everything.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setTimeouts(connectMilliseconds: Int, totalMilliseconds: Int) throws(CurlError) {
        try set(CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, totalMilliseconds)
    }

    /// Sets how long a transfer may be slow before it fails as timed out.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: What is slow.
    ///   - seconds: How long it may last.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setLowSpeed(bytesPerSecond: Int, seconds: Int) throws(CurlError) {
        try set(CURLOPT_LOW_SPEED_LIMIT, bytesPerSecond)
        try set(CURLOPT_LOW_SPEED_TIME, seconds)
    }

    /// Sets the sizes of the buffers that bodies pass through.
    ///
    /// - Parameters:
    ///   - upload: From 16 KB to 2 MB.
    ///   - response: From 1 KB to 512 KB.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setBufferSizes(upload: Int, response: Int) throws(CurlError) {
        try set(CURLOPT_UPLOAD_BUFFERSIZE, upload)
        try set(CURLOPT_BUFFERSIZE, response)
    }

    /// How a transfer comes by its connection.
    package enum ConnectionUse: Sendable, Equatable {
        /// An idle connection, else a new one, which is kept.
        case reuse
        /// A new connection, which is kept for others.
        case openAndKeep
        /// A new connection, closed afterwards.
        case openAndClose
    }

    /// Sets how the transfer comes by its connection.
    ///
    /// - Parameter use: How.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setConnectionUse(_ use: ConnectionUse) throws(CurlError) {
        try set(CURLOPT_FRESH_CONNECT, use == .reuse ? 0 : 1)
        try set(CURLOPT_FORBID_REUSE, use == .openAndClose ? 1 : 0)
    }

    /// How a transfer travels.
    package struct Transport: Sendable, Equatable {
        /// Whether HTTP/2 is spoken, over TLS if the server agrees.
        package var isHTTP2 = false
        /// A file with the certificates that are trusted, instead of the system's.
        package var certificates: String?
        /// Whether any certificate is taken.
        package var isInsecure = false

        /// Makes HTTP/1.1 with certificates checked.
        package init() {}
    }

    /// Sets how the transfer travels.
    ///
    /// - Parameters:
    ///   - transport: How.
    ///   - isSecure: Whether its URL asks for TLS.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func setTransport(_ transport: Transport, isSecure: Bool) throws(CurlError) {
        // Over TLS the server may decline; in clear text there is nothing to ask.
        let second = isSecure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
        try set(CURLOPT_HTTP_VERSION, transport.isHTTP2 ? second : CURL_HTTP_VERSION_1_1)
        try set(CURLOPT_SSL_VERIFYPEER, transport.isInsecure ? 0 : 1)
        try set(CURLOPT_SSL_VERIFYHOST, transport.isInsecure ? 0 : 2)
        // Without a file libcurl keeps those of the system.
        guard let certificates = transport.certificates else { return }
        try check(ccurl_set_string(raw, CURLOPT_CAINFO, certificates))
    }

    /// Lets the next connection use a socket that is connected already.
    ///
    /// - Parameter descriptor: The socket, which now belongs to this handle; nil closes one that was not used.
    package func adoptSocket(_ descriptor: Int32?) {
        context.adopt(descriptor)
    }

    /// Sets the only address a host name stands for.
    ///
    /// It holds for the multi handle that runs the next transfer.
    ///
    /// - Parameters:
    ///   - host: The name in the URL.
    ///   - port: The port in the URL.
    ///   - address: The numeric address.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func pin(host: String, port: Int, to address: String) throws(CurlError) {
        let numeric = address.contains(":") ? "[\(address)]" : address
        guard let entry = curl_slist_append(nil, "\(host):\(port):\(numeric)") else { throw .outOfMemory }
        let former = context.pinned
        context.pinned = entry
        let result = ccurl_set_pointer(raw, CURLOPT_RESOLVE, entry)
        curl_slist_free_all(former)
        try check(result)
    }

    /// Runs the transfer on this thread, which waits for it.
    ///
    /// The corresponding C function is `curl_easy_perform`.
    ///
    /// - Throws: ``CurlError/transfer(_:)`` if it fails.
    package func perform() throws(CurlError) {
        prepare()
        try tell(nil)
        let code = CurlCode(rawValue: curl_easy_perform(raw).rawValue)
        guard code == .ok else { throw .transfer(failure(code)) }
    }

    /// Sets who is told of sockets that the next transfers make, and of their end.
    ///
    /// - Parameter sockets: The watch of the multi handle that runs them, which lives as long as its connections.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    func tell(_ sockets: SocketWatch?) throws(CurlError) {
        guard context.sockets !== sockets else { return }
        context.sockets = sockets
        let user = sockets.map { Unmanaged.passUnretained($0).toOpaque() }
        try check(ccurl_set_closesocket_function(raw, sockets == nil ? nil : closeSocket))
        try check(ccurl_set_pointer(raw, CURLOPT_CLOSESOCKETDATA, user))
    }

    /// Clears what the previous transfer left.
    func prepare() {
        context.socketError = 0
        context.words.pointee = 0
    }

    private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(ccurl_set_long(raw, option, value))
    }

    private func check(_ code: CURLcode) throws(CurlError) {
        try EasyHandle.check(code)
    }

    private static func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else {
            throw .refused(code: code.rawValue, words: String(cString: curl_easy_strerror(code)))
        }
    }
}
