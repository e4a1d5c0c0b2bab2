import BenchReport
import HTTPServing
import IngestServer
import LoadGenerator
import S3Lite
import S3Wire

// Each module words its errors; here they get their exit statuses.

extension PlanError: UserFacingError {
    var exitStatus: ExitStatus { .usage }
}

extension LoadError: UserFacingError {
    var exitStatus: ExitStatus { isUnreachable ? .unreachable : .failed }
}

extension ReportError: UserFacingError {
    var exitStatus: ExitStatus { isUsage ? .usage : .failed }
}

extension HTTPServingError: UserFacingError {
    var exitStatus: ExitStatus { .failed }
}

extension S3LiteError: UserFacingError {
    var exitStatus: ExitStatus { .failed }
}

extension S3WireError: UserFacingError {
    var exitStatus: ExitStatus { .usage }
}

extension SamplePDFError: UserFacingError {
    var exitStatus: ExitStatus { .usage }
}

extension IngestStartError: UserFacingError {
    var exitStatus: ExitStatus { .failed }
}

extension ThresholdFault: UserFacingError {
    var hint: String? { nil }
    var exitStatus: ExitStatus { .usage }
}
