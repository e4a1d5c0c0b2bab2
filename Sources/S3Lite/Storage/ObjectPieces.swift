import GRDB
import S3Wire

/// Where a part of an object lies: some bytes of one body.
struct BodyPiece: Sendable {
    let location: BodyLocation
    let offset: Int64
    let length: Int64

    /// Finds the bodies that a range of an object lies in.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - range: Offsets within it.
    ///   - database: The connection that the object was read from, in the same snapshot.
    /// - Returns: The pieces in order.
    /// - Throws: What SQLite says.
    static func pieces(of object: StoredObject, range: Range<Int64>, in database: Database) throws
        -> [BodyPiece]
    {
        var pieces: [BodyPiece] = []
        var end: Int64 = 0
        for segment in object.segments {
            let start = end
            end += segment.size
            let overlap = range.clamped(to: start..<end)
            guard !overlap.isEmpty else { continue }
            guard let location = try BodyRows.location(of: segment.body, in: database) else {
                throw S3RequestError(.internalError, "a body of a stored object is missing")
            }
            pieces.append(
                BodyPiece(
                    location: location,
                    offset: overlap.lowerBound - start,
                    length: Int64(overlap.count)
                )
            )
        }
        return pieces
    }

    /// The name in the body store; nil if the bytes came with the row.
    fileprivate var name: String? {
        guard case .named(let name) = location else { return nil }
        return name
    }
}

extension ObjectStore {
    /// Finds an object in a snapshot, with the bytes that are to be read of it.
    ///
    /// - Parameter find: Reads what is wanted, and where its bytes lie.
    /// - Returns: What was found, and the bytes, which stay readable when the object is replaced.
    /// - Throws: What the closure throws.
    func open<Value: Sendable>(
        _ find: @escaping @Sendable (Database) throws -> (value: Value, pieces: [BodyPiece])
    ) async throws -> (Value, [S3Response.StoredPiece]) {
        let (found, hold) = try await holds.holding {
            let found = try await reader.read(find)
            return (found, found.pieces.compactMap(\.name))
        }
        let pieces = try found.pieces.map { piece in
            S3Response.StoredPiece(
                source: try bodies.source(piece.location, keptBy: hold),
                offset: piece.offset,
                length: piece.length
            )
        }
        return (found.value, pieces)
    }
}
