/// One handle that sends general requests, one after the other, and collects their responses.
///
/// Belongs to one thread at a time.
final class RequestTransfer: TransferObserver {
    private let handle: EasyHandle
    private var request: TransferRequest?
    private var headers: [HeaderField] = []
    private var body: [UInt8] = []
    private var isTooLarge = false

    init() throws(CurlError) {
        handle = try EasyHandle()
        handle.observe(self)
    }

    /// Readies the handle for a request.
    ///
    /// - Parameter request: What to send next.
    /// - Throws: ``CurlError`` if libcurl refuses a part of it.
    func prepare(_ request: TransferRequest) throws(CurlError) {
        self.request = request
        headers = []
        body = []
        isTooLarge = false
        try handle.reset()
        try handle.setURL(request.url, pathAsIs: request.pathAsIs)
        try handle.setRequest(
            method: request.method,
            body: request.body.map { .bytes($0.bytes) } ?? .none
        )
        try handle.setHeaders(HeaderList(request.headers, expectsContinue: request.expectsContinue))
        try handle.setTimeouts(
            connectMilliseconds: request.connectTimeout.wholeMilliseconds,
            totalMilliseconds: request.timeout.wholeMilliseconds
        )
        if let stall = request.stallTimeout {
            try handle.setLowSpeed(bytesPerSecond: 1024, seconds: (stall.wholeMilliseconds + 999) / 1000)
        }
    }

    /// Runs the prepared request on this thread.
    ///
    /// - Returns: The response.
    /// - Throws: ``CurlError`` if there is none.
    func perform() throws(CurlError) -> TransferResponse {
        do {
            try handle.perform()
        } catch {
            guard case .transfer(let failure) = error else { throw error }
            return try finish(failure.code)
        }
        return try finish(.ok)
    }

    /// Adds the prepared request to a loop.
    ///
    /// - Parameters:
    ///   - multi: The loop.
    ///   - tag: What the loop calls it.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    func start(in multi: borrowing MultiHandle, tag: Int) throws(CurlError) {
        try multi.add(handle, tag: tag)
    }

    /// Takes the request out of a loop.
    ///
    /// - Parameter multi: The loop.
    func stop(in multi: borrowing MultiHandle) {
        multi.remove(handle)
    }

    /// What came of the request.
    ///
    /// - Parameter code: libcurl's result.
    /// - Returns: The response.
    /// - Throws: ``CurlError`` if there is none.
    func finish(_ code: CurlCode) throws(CurlError) -> TransferResponse {
        defer {
            request = nil
            headers = []
            body = []
        }
        if isTooLarge { throw .responseTooLarge(limit: request?.responseLimit ?? 0) }
        guard code == .ok else { throw .transfer(handle.failure(code)) }
        return TransferResponse(
            status: handle.status,
            headers: headers,
            body: body,
            connectionsOpened: handle.connectionsOpened
        )
    }

    func maySend(localPort: Int32) -> Bool { true }

    /// Never called: bodies are in memory.
    func readBody(into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }

    func rewindBody(to offset: Int) -> Bool { false }

    func received(headLine line: UnsafeRawBufferPointer) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A head after an interim one (1xx) starts anew.
            headers = []
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...].trimmingBlanks()
            headers.append(HeaderField(name: String(text[..<colon]), value: String(value)))
        }
    }

    func received(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request?.responseLimit ?? 0 else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}

extension Substring {
    /// The text without blanks and line ends around it.
    fileprivate func trimmingBlanks() -> Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) })
        else { return "" }
        return self[first...last]
    }
}
