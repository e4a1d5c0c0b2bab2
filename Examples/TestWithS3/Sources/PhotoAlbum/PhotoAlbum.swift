public import S3Client

/// Photos in an S3 bucket, any store's.
public struct PhotoAlbum: Sendable {
    private let client: S3Client
    private let bucket: String

    /// Opens an album.
    ///
    /// - Parameters:
    ///   - client: Talks to the store.
    ///   - bucket: An existing bucket.
    public init(client: S3Client, bucket: String) {
        self.client = client
        self.bucket = bucket
    }

    /// Adds a photo unless one of that name is there.
    ///
    /// - Parameters:
    ///   - name: The photo's name.
    ///   - bytes: The image file.
    /// - Returns: Whether it was added.
    /// - Throws: `S3ClientError`.
    public func add(_ name: String, _ bytes: [UInt8]) async throws(S3ClientError) -> Bool {
        do throws(S3ClientError) {
            try await client.put(
                bucket,
                "photos/\(name)",
                S3Body(bytes),
                contentType: "image/jpeg",
                condition: .ifAbsent
            )
            return true
        } catch {
            guard case .refused(let refusal) = error, refusal.status == 412 else { throw error }
            return false
        }
    }

    /// Lists the photos by name.
    ///
    /// - Returns: The names.
    /// - Throws: `S3ClientError`.
    public func names() async throws -> [String] {
        var names: [String] = []
        for try await page in client.list(S3Listing(bucket: bucket, prefix: "photos/")) {
            names += page.objects.map { String($0.key.dropFirst("photos/".count)) }
        }
        return names
    }
}
