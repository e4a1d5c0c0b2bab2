import Glibc
import MuPDF
import NIOCore

/// The server's end of a worker's socket, for one document, with an eye on the clock.
final class WorkerSocket {
    /// How long a worker may take to end a document that is cancelled.
    private static let cancelling = TimeAmount.seconds(1)
    /// How often cancellations are looked for, in milliseconds.
    private static let look: Int64 = 200

    private let descriptor: Int32
    private let end: NIODeadline?
    private let cancellation: WorkCancellation?
    /// Why nothing can be sent or received any more.
    private(set) var loss: WorkerLoss?

    /// Begins to talk.
    ///
    /// - Parameters:
    ///   - descriptor: The socket.
    ///   - end: When the worker must have answered; nil waits as long as it takes.
    ///   - cancellation: Ends the waiting a second later.
    init(descriptor: Int32, end: NIODeadline?, cancellation: WorkCancellation?) {
        self.descriptor = descriptor
        self.end = end
        self.cancellation = cancellation
    }

    /// Sends bytes.
    ///
    /// - Parameter bytes: The bytes.
    /// - Throws: ``WorkerLoss``.
    func send(_ bytes: [UInt8]) throws(WorkerLoss) {
        try send(ByteBuffer(bytes: bytes))
    }

    /// Sends a buffer in place.
    ///
    /// - Parameter buffer: The buffer.
    /// - Throws: ``WorkerLoss``.
    func send(_ buffer: ByteBuffer) throws(WorkerLoss) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let result = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(WorkerLoss) in
                var done = 0
                while done < bytes.count {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                    done += try moved(Glibc.send(descriptor, rest.baseAddress, rest.count, flags), POLLOUT)
                }
            }
        }
        try result.get()
    }

    /// Receives a head.
    ///
    /// - Returns: The head.
    /// - Throws: ``WorkerLoss``.
    func receiveMessage() throws(WorkerLoss) -> WorkerMessage {
        do {
            return try WorkerMessage(head: answered(WorkerMessage.headBytes))
        } catch {
            throw loss ?? .malformed
        }
    }

    /// Receives bytes.
    ///
    /// - Parameter count: How many.
    /// - Returns: The bytes.
    /// - Throws: If there is a ``loss``.
    func answered(_ count: Int) throws(WorkerMessage.Malformed) -> [UInt8] {
        var loss: WorkerLoss?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
            do throws(WorkerLoss) {
                try receive(into: UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: count))
                filled = count
            } catch {
                loss = error
            }
        }
        guard let loss else { return bytes }
        self.loss = loss
        throw WorkerMessage.Malformed()
    }

    /// Receives what follows a description.
    ///
    /// - Parameter answer: The description.
    /// - Returns: The document.
    /// - Throws: If there is a ``loss``, or the text is not UTF-8.
    func document(_ answer: WorkerAnswer) throws(WorkerMessage.Malformed) -> PDFExtraction {
        guard let text = String(validating: try answered(answer.textLength), as: UTF8.self) else {
            throw WorkerMessage.Malformed()
        }
        var contents: [[UInt8]] = []
        contents.reserveCapacity(answer.images.count)
        for image in answer.images {
            if let place = image.sameAs {
                contents.append(contents[place])
            } else {
                contents.append(try answered(image.length))
            }
        }
        return answer.document(text: text, contents: contents)
    }

    private func receive(into bytes: UnsafeMutableRawBufferPointer) throws(WorkerLoss) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = recv(descriptor, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT))
            if count == 0 { throw .gone }
            done += try moved(count, POLLIN)
        }
    }

    /// Gives how many bytes a call moved; waits where it was none.
    private func moved(_ count: Int, _ events: Int32) throws(WorkerLoss) -> Int {
        if count >= 0 { return count }
        switch errno {
        case EAGAIN: try wait(for: events)
        case EINTR: break
        default: throw .gone
        }
        return 0
    }

    private func wait(for events: Int32) throws(WorkerLoss) {
        let now = NIODeadline.now()
        if let end, end <= now { throw .late }
        if let cancelled = cancellation?.time, cancelled + Self.cancelling <= now { throw .deaf }
        let left = end.map { ($0 - now).nanoseconds / 1_000_000 + 1 } ?? Self.look
        var descriptor = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        poll(&descriptor, 1, Int32(min(left, Self.look)))
    }
}
