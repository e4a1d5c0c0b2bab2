import Glibc
import MuPDF

/// A process that reads PDFs for the server that spawned it.
package enum PDFWorkerProcess {
    /// The argument that makes the program one.
    package static let argument = "pdf-worker"
    /// The descriptor of its end of the socket.
    static let socket: Int32 = 3

    /// Reads documents until the server closes its end.
    ///
    /// - Returns: The exit status: 1 if the server said something that can't be understood, or was gone.
    package static func run() -> Int32 {
        do {
            try serve(BlockingSocket(descriptor: socket))
            return 0
        } catch {
            return 1
        }
    }

    private static func serve(_ socket: BlockingSocket) throws {
        guard let first = try socket.receiveMessage(), first.kind == .limits, first.length < 4096 else {
            throw WorkerMessage.Malformed()
        }
        let extractor = try PDFExtractor(workerPayload: socket.receive(first.length))
        // Before the limits: asking for the version writes to a file in memory.
        try MuPDFVersion.check()
        guard ConfinedProcess.enter(memoryBytes: extractor.limits.maximumMemoryBytes) else {
            throw WorkerMessage.Malformed()
        }
        try socket.send(WorkerMessage(.ready, length: 0).head)
        while let message = try socket.receiveMessage() {
            guard message.kind == .document else { throw WorkerMessage.Malformed() }
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: message.length, alignment: 16)
            defer { bytes.deallocate() }
            try socket.receive(into: bytes)
            try answer(UnsafeRawBufferPointer(bytes), message.number, extractor, socket)
        }
    }

    private static func answer(
        _ bytes: UnsafeRawBufferPointer,
        _ number: UInt32,
        _ extractor: PDFExtractor,
        _ socket: BlockingSocket
    ) throws {
        let document: PDFExtraction
        do throws(PDFError) {
            document = try ConfinedProcess.extract(bytes, number: number, by: extractor)
        } catch {
            let payload = WorkerFailure.payload(error)
            try socket.send(WorkerMessage(.failure, number: number, length: payload.count).head + payload)
            return
        }
        let answer = WorkerAnswer(document, residentBytes: ConfinedProcess.residentBytes)
        let payload = answer.payload
        try socket.send(WorkerMessage(.answer, number: number, length: payload.count).head + payload)
        var text = document.text
        try text.withUTF8 { try socket.send(UnsafeRawBufferPointer($0)) }
        for (image, place) in zip(document.images, answer.images) where place.sameAs == nil {
            try image.bytes.withUnsafeBytes { try socket.send($0) }
        }
    }
}

/// A worker's end of the socket, which waits as long as it takes.
private struct BlockingSocket {
    let descriptor: Int32

    /// Receives a head; nil at the end.
    func receiveMessage() throws -> WorkerMessage? {
        var head = [UInt8](repeating: 0, count: WorkerMessage.headBytes)
        let isThere = try head.withUnsafeMutableBytes { try receive(into: $0, mayEnd: true) }
        return isThere ? try WorkerMessage(head: head) : nil
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        _ = try bytes.withUnsafeMutableBytes { try receive(into: $0) }
        return bytes
    }

    @discardableResult
    func receive(into bytes: UnsafeMutableRawBufferPointer, mayEnd: Bool = false) throws -> Bool {
        var done = 0
        while done < bytes.count {
            let count = read(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if count == 0, done == 0, mayEnd { return false }
            guard count > 0 || (count < 0 && errno == EINTR) else { throw WorkerMessage.Malformed() }
            done += max(0, count)
        }
        return true
    }

    func send(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try send($0) }
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let rest = bytes.count - done
            let count = Glibc.send(
                descriptor,
                bytes.baseAddress?.advanced(by: done),
                rest,
                Int32(MSG_NOSIGNAL)
            )
            guard count > 0 || (count < 0 && errno == EINTR) else { throw WorkerMessage.Malformed() }
            done += max(0, count)
        }
    }
}
