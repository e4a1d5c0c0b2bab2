/// The version of this program, as every document and export names it.
package enum ProgramVersion {
    package static let text = "0.1.0"
}
