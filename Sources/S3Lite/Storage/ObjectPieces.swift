extension ObjectStore {
    /// Opens the bodies that a range of an object lies in.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - range: Offsets within it.
    /// - Returns: The pieces in order, which stay readable when the object is replaced; nil if one was removed
    ///   since the object was looked up.
    /// - Throws: What SQLite or the file system says.
    func pieces(of object: StoredObject, range: Range<Int64>) async throws -> [S3Response.StoredPiece]? {
        var pieces: [S3Response.StoredPiece] = []
        var end: Int64 = 0
        for segment in object.segments {
            let start = end
            end += segment.size
            let overlap = range.clamped(to: start..<end)
            guard !overlap.isEmpty else { continue }
            let location = try await read { try BodyRows.location(of: segment.body, in: $0) }
            guard let location, let source = try await bodies.open(location) else { return nil }
            pieces.append(
                .init(source: source, offset: overlap.lowerBound - start, length: Int64(overlap.count))
            )
        }
        return pieces
    }
}
