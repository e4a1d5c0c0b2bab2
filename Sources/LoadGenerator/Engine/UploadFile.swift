import Curl
import Glibc
import MultipartForm

/// Files of the plan as upload bodies.
enum UploadFile {
    /// Reads a file straight into its place in an upload's body.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - plan: The field it goes into, and the fields beside it.
    /// - Returns: The body.
    /// - Throws: ``LoadError/fileChanged(path:reason:)`` if it is no longer what the plan found.
    static func encode(_ file: PlannedFile, plan: LoadPlan) throws(LoadError) -> MultipartBody {
        let writer = MultipartWriter(
            field: plan.field,
            fileName: file.name,
            contentType: plan.contentType,
            fields: plan.formFields.map { ($0.name, $0.value) }
        )
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .fileChanged(path: file.path, reason: describeSystemError(errno))
        }
        defer { close(descriptor) }
        return try writer.body(fileSize: file.bytes) { buffer throws(LoadError) in
            try fill(buffer, from: descriptor, path: file.path)
        }
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer,
        from descriptor: Int32,
        path: String
    ) throws(LoadError) {
        var offset = 0
        while offset < buffer.count {
            let count = read(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .fileChanged(path: path, reason: describeSystemError(errno)) }
            guard count > 0 else { throw .fileChanged(path: path, reason: "shorter than it was") }
            offset += count
        }
    }
}
