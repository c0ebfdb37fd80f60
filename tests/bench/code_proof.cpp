// SPDX-License-Identifier: Apache-2.0
// What the proof of a running container's code costs: its code directory is read and hashed as if
// nothing were known, and again when nothing changed. Prints one line of JSON with medians in
// seconds.
//   code_proof PID CONTAINER_ID DIRECTORY ROUNDS
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "controller/code/root_scan.hpp"

namespace trueup::code {
namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Outcome {
    double seconds = 0;
    std::size_t differences = 0;
};

// A scan and the comparison with what the first one found.
Outcome prove(const char* pid, const std::string& container, const ExpectedCode& expected,
              KnownFiles& known, FoundFiles& found) {
    const auto began = std::chrono::steady_clock::now();
    const auto root = ProcessRoot::open(std::atoll(pid), container);
    if (!root) {
        fmt::print(stderr, "process {} is not of container {}\n", pid, container);
        std::exit(1);
    }
    found.clear();
    known.begin();
    const auto scanned = scan_directory(*root, expected.directories.front(), true,
                                        std::chrono::system_clock::now(), known, nullptr, found);
    known.finish();
    if (!scanned) {
        fmt::print(stderr, "{}\n", scanned.error().message());
        std::exit(1);
    }
    const Comparison comparison = compare(expected, found, nullptr);
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
            comparison.state.difference_count};
}

int measure(const char* pid, const std::string& container, const char* directory, int rounds) {
    ExpectedCode expected;
    expected.directories = {directory};
    FoundFiles found;
    KnownFiles known;
    prove(pid, container, expected, known, found);
    std::uint64_t bytes = 0;
    for (const auto& [path, file] : found) {
        bytes += file.size;
        ExpectedFile wanted;
        wanted.object_id = file.object_id;
        wanted.commit_path = path.substr(1);
        wanted.executable = file.executable;
        wanted.symlink = file.symlink;
        expected.files.emplace(path, std::move(wanted));
    }
    std::vector<double> cold;
    std::vector<double> warm;
    std::size_t differences = 0;
    for (int round = 0; round < rounds; ++round) {
        KnownFiles nothing;
        const Outcome first = prove(pid, container, expected, nothing, found);
        const Outcome again = prove(pid, container, expected, known, found);
        cold.push_back(first.seconds);
        warm.push_back(again.seconds);
        differences += first.differences + again.differences;
    }
    fmt::print(
        "{{\"files\": {}, \"bytes\": {}, \"differences\": {}, \"read\": {}, \"cold\": {:.4f}, "
        "\"warm\": {:.4f}}}\n",
        expected.files.size(), bytes, differences, known.read(), median(cold), median(warm));
    return 0;
}

}    // namespace
}    // namespace trueup::code

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "code_proof PID CONTAINER_ID DIRECTORY ROUNDS\n");
        return 2;
    }
    return trueup::code::measure(argv[1], argv[2], argv[3], std::atoi(argv[4]));
}
