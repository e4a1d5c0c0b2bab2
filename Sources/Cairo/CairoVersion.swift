import CCairo

/// Which cairo is linked.
package enum CairoVersion {
    /// The version, such as "1.16.0".
    ///
    /// The corresponding C function is `cairo_version_string`.
    package static let text = String(cString: cairo_version_string())
}
