// swift-tools-version: 6.2
import PackageDescription

// Layers: an import points to the same line or further down, never up. ARCHITECTURE.md says why each
// arrow exists; the strict build and RepositoryTests hold the code to this list.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let strictC: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

// Debian ships MuPDF as static archives with an incomplete mupdf.pc, so the libraries stand here in link
// order. INGEST_BENCH_MUPDF names the prefix of a newer MuPDF built as a shared library instead.
let mupdfPrefix = Context.environment["INGEST_BENCH_MUPDF"]
let mupdfArchives = [
    "mupdf", "mupdf-third", "mujs", "gumbo", "openjp2", "jbig2dec", "jpeg", "freetype", "harfbuzz", "z",
    "deflate", "m",
]
// A shared MuPDF may bring another libjpeg under the same names: ours is an archive that keeps them to itself.
let mupdfShared = [":libjpeg.a", "mupdf", "z", "deflate", "m"]
let mupdfLink = (mupdfPrefix == nil ? mupdfArchives : mupdfShared).map { LinkerSetting.linkedLibrary($0) }
let mupdfSearch = mupdfPrefix.map { prefix in
    [
        LinkerSetting.unsafeFlags([
            "-L\(prefix)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(prefix)/lib",
            "-Xlinker", "--exclude-libs=libjpeg.a",
        ])
    ]
}
let mupdfInclude = mupdfPrefix.map { [CSetting.unsafeFlags(["-I\($0)/include"])] }

let layer0: [Target] = [
    .systemLibrary(name: "CCairo", pkgConfig: "cairo cairo-ft", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
        name: "CMuPDF",
        cSettings: strictC + (mupdfInclude ?? []),
        linkerSettings: (mupdfSearch ?? []) + mupdfLink
    ),
    .target(name: "CByteSearch", cSettings: strictC),
    .target(
        name: "CLoopProbe",
        cSettings: strictC + [.define("_GNU_SOURCE")],
        linkerSettings: [.linkedLibrary("dispatch", .when(platforms: [.linux]))]
    ),
]

let layer1: [Target] = [
    library("Cairo", ["CCairo"]),
    library("Curl", ["CCurl"]),
    library("MuPDF", ["CMuPDF"]),
    library("Zlib", ["CZlib"]),
    library("Measurements"),
    library("MultipartForm", ["CByteSearch"]),
    library("S3Wire", [.crypto]),
]

let layer2: [Target] = [
    library("HTTPServing", [.hummingbirdCore, .httpTypes, .nioCore, .nioHTTP1, .nioPosix, .logging]),
    library("LoadGenerator", ["Curl", "Measurements", "MultipartForm"]),
    library("LoopWatch", ["CLoopProbe", .nioCore, .logging]),
    library("S3Client", ["Curl", "S3Wire"]),
]

let layer3: [Target] = [
    library("LoopWatchTesting", ["LoopWatch"]),
    library("BenchReport", ["Cairo", "Measurements", "Zlib"]),
    library(
        "IngestServer",
        [
            "HTTPServing", "LoopWatch", "MultipartForm", "MuPDF", "S3Client", "S3Wire", .httpTypes, .nioCore,
            .nioPosix, .logging,
        ]
    ),
    library(
        "S3Lite",
        ["HTTPServing", "S3Wire", .grdb, .hummingbirdCore, .httpTypes, .nioCore, .nioPosix, .logging]
    ),
]

let layer4: [Target] = [
    .executableTarget(
        name: "ingest-bench",
        dependencies: [
            "BenchReport", "HTTPServing", "IngestServer", "LoadGenerator", "LoopWatch", "Measurements",
            "S3Lite",
            "S3Wire",
            .argumentParser, .logging,
        ],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "s3-bench",
        dependencies: ["S3Client", "S3Wire", .nioCore, .nioPosix],
        path: "Benchmarks/s3",
        exclude: ["costs", "keys", "memory", "prepare", "run"],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "pdf-bench",
        dependencies: ["IngestServer", "MuPDF", "MultipartForm", .nioCore],
        path: "Benchmarks/pdf",
        exclude: ["allocations.c", "extract-pdf.c", "run"],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "statistics-bench",
        dependencies: ["BenchReport", "Measurements"],
        path: "Benchmarks/statistics",
        exclude: ["run"],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "loopwatch-bench",
        dependencies: [
            "CLoopProbe", "Curl", "HTTPServing", "IngestServer", "LoopWatch", "MuPDF", "S3Lite", "S3Wire",
            .httpTypes, .logging, .nioCore, .nioPosix,
        ],
        path: "Benchmarks/loopwatch",
        exclude: ["run"],
        swiftSettings: strict
    ),
]

let testTargets: [Target] = [
    .executableTarget(name: "accuracy-server", path: "Tests/AccuracyServer", cSettings: strictC),
    tests("AccuracyTests", ["BenchReport", "Measurements"]),
    tests("CairoTests", ["Cairo"]),
    tests("CurlTests", ["Curl"]),
    tests("MuPDFTests", ["MuPDF"]),
    tests("ZlibTests", ["Zlib"]),
    tests("MeasurementsTests", ["Measurements"], resources: [.copy("statistics.json")]),
    tests("MultipartFormTests", ["MultipartForm"]),
    .target(
        name: "S3Testing",
        dependencies: ["S3Wire"],
        path: "Tests/S3Testing",
        swiftSettings: strict
    ),
    tests("S3WireTests", ["S3Testing", "S3Wire"]),
    .target(
        name: "HTTPServingTesting",
        dependencies: [.nioCore, .nioPosix],
        path: "Tests/HTTPServingTesting",
        swiftSettings: strict
    ),
    tests(
        "HTTPServingTests",
        ["HTTPServing", "HTTPServingTesting", .hummingbirdCore, .httpTypes, .nioCore, .logging]
    ),
    tests("LoadGeneratorTests", ["LoadGenerator", "Curl", "Measurements", "MultipartForm"]),
    tests("CLoopProbeTests", ["CLoopProbe"]),
    tests("LoopWatchTests", ["CLoopProbe", "LoopWatch", .nioCore, .nioPosix, .logging]),
    tests("LoopWatchTestingTests", ["LoopWatch", "LoopWatchTesting", .logging]),
    tests(
        "S3ClientTests",
        [
            "Curl", "HTTPServing", "S3Client", "S3Lite", "S3Testing", "S3Wire", .httpTypes, .logging,
            .nioCore,
        ]
    ),
    .executableTarget(
        name: "fuzz-run",
        dependencies: ["BenchReport", "Measurements", "Zlib"],
        path: "Tests/RunFuzzing",
        exclude: ["Seeds"],
        swiftSettings: strict
    ),
    tests(
        "BenchReportTests",
        ["BenchReport", "Measurements", "Zlib", "fuzz-run"],
        resources: [.copy("Charts/Golden")]
    ),
    tests(
        "IngestServerTests",
        [
            "HTTPServing", "HTTPServingTesting", "IngestServer", "LoopWatch", "MuPDF", "S3Lite", "S3Client",
            "S3Wire", .httpTypes, .logging,
            .nioCore, "ingest-bench",
        ]
    ),
    tests(
        "S3LiteTests",
        [
            "Curl", "HTTPServing", "HTTPServingTesting", "S3Client", "S3Lite", "S3Testing", "S3Wire",
            .grdb, .logging, .nioCore,
        ]
    ),
    tests(
        "EndToEndTests",
        ["BenchReport", "HTTPServingTesting", "Measurements", "S3Client", "S3Wire", "ingest-bench"]
    ),
    tests("CommandTests", ["BenchReport", "LoadGenerator", "Measurements", "ingest-bench"]),
    tests("RepositoryTests"),
]

let package = Package(
    name: "ingest-bench",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ingest-bench", targets: ["ingest-bench"]),
        .library(name: "LoopWatch", targets: ["LoopWatch"]),
        .library(name: "LoopWatchTesting", targets: ["LoopWatchTesting"]),
        .library(name: "S3Lite", targets: ["S3Lite"]),
        .library(name: "S3Client", targets: ["S3Client"]),
        .library(name: "S3Wire", targets: ["S3Wire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: layer0 + layer1 + layer2 + layer3 + layer4 + testTargets
)
