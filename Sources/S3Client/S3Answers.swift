/// An object that was stored.
public struct S3StoredObject: Sendable, Equatable {
    /// The ETag without its quotes.
    public let etag: String
}

/// What the store knows of an object.
public struct S3ObjectFacts: Sendable, Equatable {
    /// The whole object's size in bytes.
    public let size: Int
    /// The ETag without its quotes.
    public let etag: String
    /// The media type it was stored with.
    public let contentType: String?
    /// What the caller stored with it, with names in lower case.
    public let metadata: [String: String]
}

/// A bucket of the caller.
public struct S3BucketFacts: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// When it was made, as the store writes it: `2013-05-24T00:00:00.000Z`.
    public let created: String
}

/// What must hold for an object to be stored.
public enum S3WriteCondition: Sendable, Equatable {
    /// Nothing has the key yet.
    case ifAbsent
    /// What has the key has this ETag.
    case ifMatches(String)
}

/// What must hold for an object to be read.
public enum S3ReadCondition: Sendable, Equatable {
    /// It has this ETag; else the store refuses with status 412.
    case ifMatches(String)
    /// It has another ETag; else the store refuses with status 304.
    case ifNoneMatches(String)
}

/// What a presigned URL may be used for.
public enum S3PresignedMethod: String, Sendable {
    /// Reading the object.
    case get = "GET"
    /// Asking what the store knows of the object.
    case head = "HEAD"
    /// Storing the object.
    case put = "PUT"
    /// Removing the object.
    case delete = "DELETE"
}

/// An object, or the range of it that was asked for.
public struct S3Object: Sendable, Equatable {
    /// The bytes.
    public let bytes: [UInt8]
    /// What the store knows of it.
    public let facts: S3ObjectFacts
}

/// One object of a listing.
public struct S3ListedObject: Sendable, Equatable {
    /// The object's key.
    public let key: String
    /// Its size in bytes.
    public let size: Int
    /// The ETag without its quotes.
    public let etag: String
}

/// One page of a listing, in byte order of keys.
public struct S3ListPage: Sendable, Equatable {
    /// The objects of the page.
    public let objects: [S3ListedObject]
    /// What keys have in common up to the delimiter.
    public let commonPrefixes: [String]
    /// Names the next page; nil on the last.
    public let continuation: String?
}

/// What to list of a bucket.
public struct S3Listing: Sendable, Equatable {
    /// The bucket.
    public var bucket: String
    /// Only keys that start so.
    public var prefix = ""
    /// Keys are rolled up to the first of these after the prefix; empty for none.
    public var delimiter = ""
    /// The most entries of a page, at most 1000.
    public var pageSize = 1000

    /// Lists a whole bucket.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - prefix: Only keys that start so.
    public init(bucket: String, prefix: String = "") {
        self.bucket = bucket
        self.prefix = prefix
    }
}

/// A key the store could not delete.
public struct S3DeletionFailure: Sendable, Equatable {
    /// The object's key.
    public let key: String
    /// The store's code.
    public let codeText: String
    /// The store's sentence.
    public let message: String
}
