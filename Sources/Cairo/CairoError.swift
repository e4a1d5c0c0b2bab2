internal import CCairo

/// What cairo refused to do.
package enum CairoError: Error, Equatable, Sendable {
    /// An operation failed; the words are cairo's own.
    case operation(String, status: String)
    /// No scalable font with the characters that charts need was found.
    case noFont(family: String, found: String?)

    /// One sentence for the user.
    package var message: String {
        switch self {
        case .operation(let operation, let status): "cairo could not \(operation): \(status)"
        case .noFont(_, nil): "no scalable font found: PNG and PDF were not drawn"
        case .noFont(let family, let found?):
            "\(found), which stands in for \(family), lacks characters of the charts"
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .operation: nil
        case .noFont: "apt-get install fonts-dejavu-core"
        }
    }
}

/// Turns a status into an error.
///
/// The corresponding C function is `cairo_status_to_string`.
///
/// - Parameters:
///   - status: What cairo returned.
///   - operation: What was tried, as the end of "cairo could not …".
/// - Throws: ``CairoError/operation(_:status:)`` unless the status is success.
func check(_ status: cairo_status_t, _ operation: String) throws(CairoError) {
    guard status != CAIRO_STATUS_SUCCESS else { return }
    throw .operation(operation, status: String(cString: cairo_status_to_string(status)))
}
