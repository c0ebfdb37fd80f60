// SPDX-License-Identifier: Apache-2.0
// Of an image: a container of it in which its interpreter sleeps is asked as any other.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/interpreter.hpp"
#include "controller/model/labels.hpp"

namespace trueup::code {
namespace {

constexpr std::int64_t memory_limit = std::int64_t(2) << 30U;

boost::json::object sleeping_body(const std::string& image_id, const std::string& owner,
                                  const std::string& program) {
    boost::json::array entrypoint;
    for (const std::string& word : interpreter_command(program, "import time; time.sleep(900)"))
        entrypoint.emplace_back(word);
    boost::json::object host;
    host["NetworkMode"] = "none";
    host["ReadonlyRootfs"] = true;
    host["Memory"] = memory_limit;
    host["PidsLimit"] = 64;
    boost::json::array all;
    all.emplace_back("ALL");
    host["CapDrop"] = std::move(all);
    boost::json::array reading;
    reading.emplace_back("DAC_READ_SEARCH");
    host["CapAdd"] = std::move(reading);
    boost::json::object labels;
    labels[proof_label] = owner;
    // docker compose labels its images too: this is none of the project's containers.
    labels[model::labels::compose_project] = "";
    boost::json::object health;
    boost::json::array none;
    none.emplace_back("NONE");
    health["Test"] = std::move(none);
    boost::json::object body;
    body["Image"] = image_id;
    body["Entrypoint"] = std::move(entrypoint);
    body["Cmd"] = boost::json::array();
    body["User"] = "0";
    body["WorkingDir"] = "/";
    body["Healthcheck"] = std::move(health);
    body["NetworkDisabled"] = true;
    body["HostConfig"] = std::move(host);
    body["Labels"] = std::move(labels);
    return body;
}

// Several may be judged at once; what an interrupted one left is found by its label.
std::string name_for(const std::string& owner, const std::string& image_id,
                     const std::vector<BytecodeFile>& files) {
    std::string text = owner + "\n" + image_id;
    for (const BytecodeFile& file : files) text += "\n" + file.path;
    return std::string(proof_prefix) + base::sha256_hex(text).substr(0, 16);
}

// A container of the image in which `program` sleeps; not_found where it cannot be started.
Task<std::string> start_sleeping(engine::Engine& engine, std::string name, std::string image_id,
                                 std::string owner, std::string program) {
    boost::json::object body = sleeping_body(image_id, owner, program);
    auto container = co_await engine.create_container(name, std::move(body));
    if (!container) co_return container.error().in("comparing the bytecode of an image");
    const auto started = co_await engine.start_container(*container);
    if (started) co_return std::move(*container);
    const auto removed = co_await engine.remove_container(*container, true, true);
    if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    if (started.error().code() == Errc::cancelled || started.error().code() == Errc::timeout)
        co_return started.error();
    co_return Error(Errc::not_found, started.error().message());
}

// What the image is run by, read from what its entry names and, where that are scripts, from them.
Task<model::Strings> interpreters_of_image(engine::Engine& engine, std::string name,
                                           std::string image_id, std::string owner) {
    const auto inspect = co_await engine.inspect_image_raw(image_id);
    if (!inspect) co_return inspect.error();
    Entry entry = read_entry(*inspect);
    if (entry.words.empty()) co_return model::Strings();
    boost::json::object body = sleeping_body(image_id, owner, "/never-started");
    const auto container = co_await engine.create_container(std::move(name), std::move(body));
    if (!container) co_return container.error().in("comparing the bytecode of an image");
    auto found = co_await interpreters_of_entry(engine, *container, std::move(entry));
    const auto removed = co_await engine.remove_container(*container, true, true);
    if (found && !removed && removed.error().code() != Errc::not_found) co_return removed.error();
    co_return found;
}

// Every program that may be the interpreter of one of the files, the likeliest first.
std::vector<std::string> programs_for(const std::vector<BytecodeFile>& files,
                                      const model::Strings& own) {
    std::vector<std::string> programs = own;
    for (const BytecodeFile& file : files) {
        for (std::string& program : interpreter_programs(file.tag)) {
            if (std::find(programs.begin(), programs.end(), program) == programs.end())
                programs.push_back(std::move(program));
        }
    }
    return programs;
}

}    // namespace

Task<std::vector<Verdict>> judge_image(engine::Engine& engine, std::string image_id,
                                       std::string owner, std::vector<BytecodeFile> files,
                                       Verdicts& verdicts) {
    const std::string name = name_for(owner, image_id, files);
    const auto own = co_await interpreters_of_image(engine, name, image_id, owner);
    if (!own) co_return own.error();
    for (const std::string& program : programs_for(files, *own)) {
        const auto container = co_await start_sleeping(engine, name, image_id, owner, program);
        if (!container && container.error().code() == Errc::not_found) continue;
        if (!container) co_return container.error();
        auto judged = co_await judge_container(engine, *container, image_id, files, verdicts, *own);
        const auto removed = co_await engine.remove_container(*container, true, true);
        if (judged && !removed && removed.error().code() != Errc::not_found)
            co_return removed.error();
        const bool ended = !judged && (judged.error().code() == Errc::conflict ||
                                       judged.error().code() == Errc::not_found);
        if (!ended) co_return judged;
    }
    co_return std::vector<Verdict>(files.size(), Verdict::unproven);
}

}    // namespace trueup::code
