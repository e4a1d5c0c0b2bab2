import IngestServer
import MuPDF
import Synchronization

/// A bucket in memory whose n-th put can be made to fail.
final class TestStore: Sendable {
    /// How a put goes wrong.
    enum Fault: CaseIterable {
        /// The store refuses.
        case refused
        /// The image is stored, but the answer is lost.
        case answerLost
        /// The image may be stored, but nobody waited for the answer.
        case timedOut
        /// The store has no room.
        case full

        /// What the put throws.
        var code: IngestError.Code {
            switch self {
            case .refused, .answerLost: .storeFailed
            case .timedOut: .storeTimeout
            case .full: .storeFull
            }
        }

        /// What the client gets.
        var status: Int {
            switch self {
            case .refused, .answerLost: 502
            case .timedOut: 504
            case .full: 507
            }
        }
    }

    /// How a delete goes wrong.
    enum DeleteFault: CaseIterable {
        /// The store refuses, and deletes nothing.
        case refused
        /// All is deleted, but the answer is lost.
        case answerLost
        /// One key can't be deleted.
        case partial
    }

    struct Object: Equatable {
        let contentType: String
        let bytes: [UInt8]
    }

    private struct Contents {
        var objects: [String: Object] = [:]
        var puts = 0
    }

    private let contents = Mutex(Contents())
    private let faultyPut: Int?
    private let fault: Fault
    private let deleteFault: DeleteFault?

    /// - Parameters:
    ///   - faultyPut: The put that fails, counted from 1.
    ///   - fault: How it fails.
    ///   - deleteFault: How every delete fails; nil if none does.
    init(faultyPut: Int? = nil, fault: Fault = .refused, deleteFault: DeleteFault? = nil) {
        self.faultyPut = faultyPut
        self.fault = fault
        self.deleteFault = deleteFault
    }

    /// What is stored now.
    var objects: [String: Object] { contents.withLock { $0.objects } }

    /// The calls a server needs.
    var imageStore: ImageStore {
        ImageStore(
            bucket: "documents",
            put: { try self.put($0, $1) },
            delete: { try self.delete($0) },
            putBlocking: { try self.put($0, $1) },
            deleteBlocking: { try self.delete($0) }
        )
    }

    private func put(_ key: String, _ image: PDFImage) throws {
        try contents.withLock { contents in
            contents.puts += 1
            let isFaulty = contents.puts == faultyPut
            if !isFaulty || fault == .answerLost || fault == .timedOut {
                contents.objects[key] = Object(contentType: image.format.contentType, bytes: image.bytes)
            }
            if isFaulty {
                throw StoreFault(code: fault.code, message: "put \(contents.puts) failed", hint: "mend it")
            }
        }
    }

    private func delete(_ keys: [String]) throws -> [String] {
        let failure = StoreFault(code: .storeFailed, message: "the delete failed", hint: "mend it")
        if deleteFault == .refused { throw failure }
        let left = deleteFault == .partial ? Array(keys.prefix(1)) : []
        contents.withLock { contents in
            for key in keys where !left.contains(key) { contents.objects[key] = nil }
        }
        if deleteFault == .answerLost { throw failure }
        return left
    }
}
