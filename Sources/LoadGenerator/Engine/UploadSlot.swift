import Curl
import Measurements

/// One of the uploads in flight: a handle that is used again and again, and its own stamps.
///
/// libcurl's times do not serve: its first response byte of an upload is the first byte sent. Belongs to the
/// engine's thread.
final class UploadSlot: TransferObserver {
    let handle: EasyHandle
    /// Which upload of the round it carries.
    var start = Pacer.Start(sequence: 0, intended: 0, possible: 0)
    /// Whether even a small body is asked for, and so can wait for a `100 Continue`.
    var alwaysStreams = false
    /// Whether its uploads start one by one, so that the first read of a body need not be short.
    var startsAlone = false
    /// How often libcurl was about to send the request.
    private(set) var attempts = 0
    private(set) var sent: Nanoseconds = Sample.absent
    private(set) var bodySent: Nanoseconds = Sample.absent
    private(set) var firstByte: Nanoseconds = Sample.absent
    private(set) var localPort: Int32 = 0
    /// Whether the last response leaves the connection open.
    private(set) var keepsConnection = true
    /// Lines of the head that say what the server did.
    private(set) var timing: [UInt8] = []
    private(set) var body: UnsafeRawBufferPointer
    /// Which file of the plan the body is; -1 for none.
    private(set) var file: Int32 = -1
    private var offset = 0
    private var isStreamed = false
    /// Whether the head under way is an interim one (1xx), which is no response yet.
    private var isInterim = false
    private var mayContinue = false
    /// Whether the body was sent without the `100 Continue` that it waited for.
    private(set) var waitedForContinue = false
    private let answer: UnsafeMutableRawBufferPointer
    private var answered = 0

    /// What is kept of a failing answer's body.
    static let keptAnswer = 512
    /// A body up to this size travels with the head in one call.
    static let singleSend = 64 * 1024
    /// The first read of a body returns this at most where many start at a time: the heads leave first, the
    /// bodies follow.
    static let firstRead = 1024

    /// Makes a slot.
    ///
    /// - Throws: ``CurlError`` if libcurl cannot start or memory is short.
    init() throws(CurlError) {
        handle = try EasyHandle()
        body = UnsafeRawBufferPointer(start: nil, count: 0)
        answer = .allocate(byteCount: UploadSlot.keptAnswer, alignment: 1)
        handle.observe(self)
    }

    deinit { answer.deallocate() }

    /// Readies the slot for a request without a body, which opens a connection.
    ///
    /// - Parameter headers: The request's fields.
    /// - Throws: ``CurlError`` if libcurl refuses.
    func readyToConnect(headers: HeaderList) throws(CurlError) {
        clear()
        forgetBody()
        try handle.setRequest(method: "HEAD", body: .none)
        try handle.setHeaders(headers)
    }

    /// Makes the next upload set everything anew.
    func forgetBody() {
        file = -1
        body = UnsafeRawBufferPointer(start: nil, count: 0)
        isStreamed = false
    }

    /// Readies the slot for an upload; for the file it sent before, there is nothing to tell libcurl.
    ///
    /// - Parameters:
    ///   - file: Which file of the plan it is.
    ///   - body: The body, which stays in place until the transfer has ended.
    ///   - method: The method.
    ///   - headers: The request's fields.
    /// - Throws: ``CurlError`` if libcurl refuses.
    func readyToUpload(
        file: Int32,
        body: UnsafeRawBufferPointer,
        method: String,
        headers: HeaderList
    ) throws(CurlError) {
        clear()
        self.file = file
        self.body = body
        isStreamed = alwaysStreams || body.count > UploadSlot.singleSend
        try handle.setRequest(method: method, body: isStreamed ? .observer(count: body.count) : .bytes(body))
        try handle.setHeaders(headers)
    }

    /// Readies the slot for a request without a body, to be sent again and again.
    ///
    /// - Parameters:
    ///   - url: The whole URL.
    ///   - headers: The request's fields.
    /// - Throws: ``CurlError`` if libcurl refuses.
    func readyToGet(_ url: String, headers: HeaderList) throws(CurlError) {
        clear()
        try handle.setURL(url)
        try handle.setRequest(method: "GET", body: .none)
        try handle.setHeaders(headers)
    }

    /// Forgets what the previous transfer left.
    func clear() {
        attempts = 0
        offset = 0
        answered = 0
        sent = Sample.absent
        bodySent = Sample.absent
        firstByte = Sample.absent
        keepsConnection = true
        isInterim = false
        mayContinue = false
        waitedForContinue = false
        timing.removeAll(keepingCapacity: true)
    }

    /// The first bytes of the response's body.
    var firstAnswer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: answer[..<answered]) }

    func maySend(localPort: Int32) -> Bool {
        attempts &+= 1
        guard attempts == 1 else { return false }
        self.localPort = localPort
        sent = MonotonicClock.now()
        if !isStreamed { bodySent = sent }
        return true
    }

    func readBody(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if offset == 0, alwaysStreams, !mayContinue { waitedForContinue = true }
        let limit = offset == 0 && !startsAlone ? min(buffer.count, UploadSlot.firstRead) : buffer.count
        let count = min(limit, body.count &- offset)
        guard count > 0, let source = body.baseAddress, let space = buffer.baseAddress else { return 0 }
        space.copyMemory(from: source + offset, byteCount: count)
        offset &+= count
        if offset == body.count { bodySent = MonotonicClock.now() }
        return count
    }

    func rewindBody(to offset: Int) -> Bool {
        self.offset = offset
        return true
    }

    func received(headLine line: UnsafeRawBufferPointer) {
        guard !isPartOfInterim(line) else { return }
        if firstByte == Sample.absent {
            firstByte = MonotonicClock.now()
            // HTTP/1.0 closes unless it says otherwise.
            if line.starts(with: "HTTP/1.0".utf8) { keepsConnection = false }
        }
        guard line.count > 10, let first = line.first else { return }
        switch first | 0x20 {
        case UInt8(ascii: "s") where line.hasName("server-timing"),
            UInt8(ascii: "x") where line.hasName("x-server-clock"):
            timing.append(contentsOf: line)
        case UInt8(ascii: "c") where line.hasName("connection"):
            keepsConnection = !String(decoding: line, as: UTF8.self).lowercased().contains("close")
        default: return
        }
    }

    /// Whether a line belongs to an interim response, such as `100 Continue`.
    private func isPartOfInterim(_ line: UnsafeRawBufferPointer) -> Bool {
        if line.starts(with: "HTTP/".utf8) {
            let status = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
            // 101 would be a final answer, but nobody asks for another protocol.
            isInterim = status.first == UInt8(ascii: "1")
            if isInterim, status.starts(with: "100".utf8) { mayContinue = true }
        }
        return isInterim
    }

    func received(body bytes: UnsafeRawBufferPointer) -> Bool {
        let kept = min(bytes.count, UploadSlot.keptAnswer &- answered)
        if kept > 0 {
            UnsafeMutableRawBufferPointer(rebasing: answer[answered...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<kept])
            )
            answered &+= kept
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a head's line is the field of this name.
    fileprivate func hasName(_ name: StaticString) -> Bool {
        guard count > name.utf8CodeUnitCount, self[name.utf8CodeUnitCount] == UInt8(ascii: ":") else {
            return false
        }
        return name.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { self[$0] | 0x20 == wanted[$0] | 0x20 }
        }
    }
}
