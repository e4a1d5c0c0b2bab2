package import MuPDF

/// Why the store didn't do what it was asked for.
package struct StoreFault: Error, Equatable {
    /// One of the codes that begin with `store`.
    package let code: IngestError.Code
    /// What the store said, with its own code.
    package let message: String
    /// What to try.
    package let hint: String

    /// Describes a fault.
    ///
    /// - Parameters:
    ///   - code: One of the codes that begin with `store`.
    ///   - message: What the store said, with its own code.
    ///   - hint: What to try.
    package init(code: IngestError.Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// What a document's images are kept with: the same calls twice, one set waiting, one blocking.
///
/// Closures, so that a test can stand between the server and a real store and make the n-th call fail.
package struct ImageStore: Sendable {
    /// The bucket the images go to.
    package let bucket: String
    /// Puts an image under a key and suspends until it is stored.
    package var put: @Sendable (_ key: String, _ image: PDFImage) async throws -> Void
    /// Deletes what may be stored under keys, and returns those it could not; one that isn't there is no fault.
    package var delete: @Sendable (_ keys: [String]) async throws -> [String]
    /// Puts an image under a key and blocks its thread until it is stored.
    package var putBlocking: @Sendable (_ key: String, _ image: PDFImage) throws -> Void
    /// Deletes what may be stored under keys, blocking its thread, and returns those it could not.
    package var deleteBlocking: @Sendable (_ keys: [String]) throws -> [String]
    /// Asks whether the store can be used; nil for one that always can.
    package var ask: (@Sendable () async -> StoreTrouble?)?

    /// Makes a store of its calls.
    ///
    /// - Parameters:
    ///   - bucket: The bucket the images go to.
    ///   - put: Puts an image and suspends.
    ///   - delete: Deletes keys and suspends.
    ///   - putBlocking: Puts an image and blocks.
    ///   - deleteBlocking: Deletes keys and blocks.
    package init(
        bucket: String,
        put: @escaping @Sendable (_ key: String, _ image: PDFImage) async throws -> Void,
        delete: @escaping @Sendable (_ keys: [String]) async throws -> [String],
        putBlocking: @escaping @Sendable (_ key: String, _ image: PDFImage) throws -> Void,
        deleteBlocking: @escaping @Sendable (_ keys: [String]) throws -> [String]
    ) {
        self.bucket = bucket
        self.put = put
        self.delete = delete
        self.putBlocking = putBlocking
        self.deleteBlocking = deleteBlocking
    }
}

/// An image and the key it is stored under.
struct ImageUpload: Sendable {
    /// The image's place in the whole document, counted from 0.
    let number: Int
    let key: String
    let image: PDFImage
}

/// Thrown when not all images of a document could be stored; those that were are deleted again.
struct StoreFailure: Error {
    /// What ended the storing.
    let cause: any Error
    /// The keys that may still be stored, since deleting them failed too.
    let orphans: [String]
}

/// A document's puts at one time; all documents together are bounded by the S3 client.
private let maximumPutsPerDocument = 16

extension ImageStore {
    /// Stores all images or none, one after the other, blocking the thread.
    ///
    /// - Parameters:
    ///   - uploads: The images.
    ///   - timer: Gets every put.
    ///   - check: Called before each put; what it throws ends the storing.
    /// - Throws: ``StoreFailure``.
    func putAllBlocking(_ uploads: [ImageUpload], timer: StageTimer, check: () throws -> Void) throws {
        var begun = 0
        do {
            try timer.measure(.store) {
                for upload in uploads {
                    try Task.checkCancellation()
                    try check()
                    begun += 1
                    try timer.measure(.put(upload.number)) { try putBlocking(upload.key, upload.image) }
                }
            }
        } catch {
            let keys = uploads.prefix(begun).map(\.key)
            // If deleting fails as well, any of the keys may still be there.
            let orphans = try? timer.measure(.cleanup) { try deleteBlocking(keys) }
            throw StoreFailure(cause: error, orphans: orphans ?? keys)
        }
    }

    /// Stores all images or none, many at one time.
    ///
    /// - Parameters:
    ///   - uploads: The images.
    ///   - timer: Gets every put.
    /// - Throws: ``StoreFailure``, also if the task was cancelled before the last image was stored.
    func putAll(_ uploads: [ImageUpload], timer: StageTimer) async throws {
        var begun = 0
        do {
            try await timer.measure(.store) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for upload in uploads {
                        if begun >= maximumPutsPerDocument { try await group.next() }
                        begun += 1
                        // Not on the loop: an image is hashed and signed before it waits for the store.
                        group.addTask(executorPreference: globalConcurrentExecutor) {
                            try await timer.measure(.put(upload.number)) {
                                try await put(upload.key, upload.image)
                            }
                        }
                    }
                    while try await group.next() != nil {}
                }
            }
            try Task.checkCancellation()
        } catch {
            let keys = uploads.prefix(begun).map(\.key)
            // A task of its own, since the request's may be cancelled and this must be done all the same.
            let deletion = Task { try await timer.measure(.cleanup) { try await delete(keys) } }
            // If deleting fails as well, any of the keys may still be there.
            let orphans = try? await deletion.value
            throw StoreFailure(cause: error, orphans: orphans ?? keys)
        }
    }
}
