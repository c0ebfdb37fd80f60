// SPDX-License-Identifier: Apache-2.0
// Cases in which trueup knowingly differs from what was recorded, by name, each with its reason. Nothing
// else may differ; one that no longer differs must leave the list.
#pragma once

#include <map>
#include <string>

namespace trueup::conformance {

inline const std::map<std::string, std::string> known_differences{
    {"dotenv-de0231254f", "a line without a name is refused: no variable can be meant"},
    {"volume_short-84ac722a",
     "an unknown mount option is refused, Compose ignores it: a typing "
     "mistake in `ro` would leave a mount writable"},
    {"volume_short-405f7768", "the same"},
    {"loader-TestExtendsNil-d91574",
     "Compose leaves `extends` in the model where the extended service is empty"},
    {"authored-attr-env-map", "a date reaches the container as it is written, not as Go's time"},
    {"engine-authored-attr-env-map", "the same"},
    {"engine-authored-attr-volumes_from", "Compose loses the mode of volumes_from"},
    {"engine-tests-TestDeviceReservation-ed6cba", "Compose loses the options of a device request"},
    {"engine-tests-TestServiceNetworkDriverOpts-77cab1",
     "Compose 2.26.1 does not know driver_opts of a service's network"},
    {"engine-tests-TestVolumeBindSELinux-ae0167",
     "Compose loses selinux of a bind in the long form"},
    {"loader-TestXService-0ce0d4",
     "Compose takes a network named x-… for an extension and then misses it"},
};

// Cases whose files trueup does not take as a commit, or not all of them. Any other must load, and one of
// these that does must leave the list.
inline const std::map<std::string, std::string> knowingly_refused{
    {"engine-loader-TestLoadNetworksWarnOnDeprecatedExternalName-2c9a0b",
     "a commit without a service is refused: it would remove everything"},
    {"engine-loader-TestLoadVolumesWarnOnDeprecatedExternalName-7486eb",
     "a commit without a service is refused: it would remove everything"},
    {"engine-loader-TestOverrideReplace-5d535e",
     "a commit without a service is refused: it would remove everything"},
    {"engine-loader-TestResetCycle-1-dd346d",
     "a commit without a service is refused: it would remove everything"},
    {"engine-loader-TestResetRemove-0e20c3",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-12",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-13",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-14",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-15",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-4",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-06-networks-6",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-07-volumes-2",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-07-volumes-5",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-08-configs-0",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-08-configs-1",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-08-configs-2",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-08-configs-3",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-09-secrets-1",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-09-secrets-2",
     "a commit without a service is refused: it would remove everything"},
    {"engine-spec-10-fragments-0",
     "a commit without a service is refused: it would remove everything"},
    {"engine-loader-TestLoadCredentialSpec-e9ec0a", "it is of Windows containers"},
    {"engine-loader-TestLoadInvalidIsolation-f42f9f", "it is of Windows containers"},
    {"engine-spec-05-services-15", "it is of Windows containers"},
    {"engine-tests-TestBuildIsolation-33c842", "it is of Windows containers"},
    {"engine-tests-TestCredentialSpec-ce1a47", "it is of Windows containers"},
    {"engine-tests-TestIsolation-6da0de", "it is of Windows containers"},
    {"engine-tests-TestNpipeVolume-79658b", "it is of Windows containers"},
    {"engine-authored-build-forms",
     "a build goes through the engine's own API, which cannot do that"},
    {"engine-loader-TestResolveAdditionalContexts-507532",
     "a build goes through the engine's own API, which cannot do that"},
    {"engine-spec-build-12", "a build goes through the engine's own API, which cannot do that"},
    {"engine-spec-build-2", "a build goes through the engine's own API, which cannot do that"},
    {"engine-spec-build-32", "a build goes through the engine's own API, which cannot do that"},
    {"engine-tests-TestBuildCacheTo-fd2120",
     "a build goes through the engine's own API, which cannot do that"},
    {"engine-tests-TestBuildConfig-d15145",
     "a build goes through the engine's own API, which cannot do that"},
    {"engine-tests-TestBuildSSH-c62c76",
     "a build goes through the engine's own API, which cannot do that"},
    {"engine-authored-top-vol-null", "the engine refuses a target that is no absolute path"},
    {"engine-authored-top-vol-opts", "the engine refuses a target that is no absolute path"},
    {"engine-authored-volumes-14", "the engine refuses a target that is no absolute path"},
    {"engine-authored-volumes-15", "the engine refuses a target that is no absolute path"},
    {"engine-spec-10-fragments-2", "the engine refuses a target that is no absolute path"},
    {"engine-authored-volumes-04", "a controller has no home"},
    {"engine-spec-build-0", "a controller has no home"},
    {"engine-authored-volumes-03", "a relative bind may not lead out of the project's folder"},
    {"engine-authored-auto-override", "compose.override.yaml is a developer's and is not read"},
    {"engine-authored-auto-docker-compose-yml",
     "compose.override.yaml is a developer's and is not read"},
};

// What a commit may be refused for that `docker compose config` takes: a part of the message -> why.
inline const std::map<std::string, std::string> refusals_of_commits{
    {"is not supported", "said in docs/compose.md"},
    {"no service in it", "it would remove everything"},
    {"is no absolute path in the container", "the engine refuses it"},
    {"starts at a home", "a controller has none"},
    {"nobody's home", "the same"},
    {"leads out of the project's folder", "what is there is nobody's to deploy"},
    {"is outside the commit", "the same"},
    {"is not in the commit", "nobody could say what it holds"},
    {"is no file of the commit", "the same"},
    {"is a relative path of the host", "the same"},
    {"cannot be on the network", "BuildKit knows no other"},
    {"there is no compose.yaml", "the Stack names the files"},
};

}    // namespace trueup::conformance
