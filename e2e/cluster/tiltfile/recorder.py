"""Executes a Tiltfile by Go's Starlark, which Tilt is made of, with functions in place of Tilt's that write down how they are called.

Usage: recorder.py TILTFILE [CONTEXT], in the folder of the Tiltfile; TILT_LOCAL is what each local() answers.
Prints {"calls": [{"call", …arguments}], "applied": [objects]} as JSON. Each function takes the arguments that Tilt's takes, no
others. What comes from kustomize and helm is real: it is what those programs make.
"""

import inspect
import json
import os
import re
import subprocess
import sys

import starlark_go
import yaml

calls = []
applied = []
context = sys.argv[2] if len(sys.argv) > 2 else 'kind-shop'
cluster_scoped = {'Namespace', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding'}


def records(function):
    """Writes each call down under the names of its parameters, and answers what the function answers."""
    signature = inspect.signature(function)

    def called(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        calls.append({'call': function.__name__, **bound.arguments})
        return function(*args, **kwargs)

    called.__name__ = function.__name__
    return called


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError('%s: %s' % (' '.join(command), done.stderr))
    return done.stdout


def decode_yaml_stream(yaml_text):
    return [one for one in yaml.safe_load_all(yaml_text) if one]


def encode_yaml_stream(objs):
    return yaml.safe_dump_all(objs)


def version_settings(check_updates=True, constraint=''): pass


def update_settings(max_parallel_updates=3, k8s_upsert_timeout_secs=30, suppress_unused_image_warnings=None): pass


def ci_settings(timeout='30m', readiness_timeout='5m', k8s_grace_period=''): pass


def k8s_context():
    return context


def local(command, quiet=False, command_bat='', echo_off=False, env={}, dir='', stdin=None):
    return os.environ.get('TILT_LOCAL', '')


def local_resource(name, cmd, deps=[], trigger_mode=None, resource_deps=[], ignore=[], auto_init=True, serve_cmd='',
                   cmd_bat='', serve_cmd_bat='', allow_parallel=False, links=[], tags=[], env={}, serve_env={},
                   readiness_probe=None, dir='', serve_dir='', labels=[]): pass


def docker_build(ref, context, build_args={}, dockerfile='Dockerfile', dockerfile_contents='', live_update=[],
                 match_in_env_vars=False, ignore=[], only=[], entrypoint=[], target='', ssh='', network='', secret='',
                 extra_tag='', container_args=[], cache_from=[], pull=False, platform=''): pass


def fall_back_on(files):
    return {'fall_back_on': files}


def sync(local_path, remote_path):
    return {'sync': [local_path, remote_path]}


def kustomize(pathToDir, kustomize_bin=None, flags=[]):
    return run('kubectl', 'kustomize', pathToDir)


def helm(pathToChartDir, name='', namespace='', values=[], set=[], kube_version='', skip_crds=False):
    options = [option for file in values for option in ('--values', file)]
    options += [option for one in set for option in ('--set', one)]
    if namespace:
        options += ['--namespace', namespace]
    text = run('helm', 'template', name or 'chart', pathToChartDir, '--include-crds', *options)
    # As Tilt does: tests of the chart are left out, and objects without a namespace get the one that was given.
    parts = [part for part in text.split('---\n') if not re.match(r'# Source: .*/tests/', part)]
    objects = decode_yaml_stream('---\n'.join(parts))
    for one in objects:
        if one['kind'] not in cluster_scoped:
            one['metadata'].setdefault('namespace', namespace)
    return encode_yaml_stream(objects)


def k8s_yaml(yaml, allow_duplicates=False):
    text = yaml
    if '\n' not in yaml:
        with open(yaml) as file:
            text = file.read()
    applied.extend(decode_yaml_stream(text))


def k8s_resource(workload='', new_name='', port_forwards=[], extra_pod_selectors=[], trigger_mode=None,
                 resource_deps=[], objects=[], auto_init=True, pod_readiness='', links=[], labels=[],
                 discovery_strategy=''): pass


def port_forward(local_port, container_port=None, name=None, link_path=None, host=None):
    return {'local_port': local_port, 'container_port': container_port}


def link(url, name=''):
    return {'url': url, 'name': name}


def cmd_button(name, resource='', argv=[], text=None, location='resource', icon_name=None, icon_svg=None, inputs=[]): pass


def text_input(name, label='', default='', placeholder=''):
    return {'name': name, 'default': default}


def main():
    with open(sys.argv[1]) as file:
        source = file.read()
    # Extensions can't be fetched here: their functions are among those below. The line stays, for the numbers of those after it.
    source = re.sub(r"^load\('ext://uibutton', 'cmd_button', 'text_input'\)$", '', source, flags=re.M)
    written_down = [version_settings, update_settings, ci_settings, local, local_resource, docker_build, kustomize, helm,
                    k8s_yaml, k8s_resource, cmd_button]
    plain = [decode_yaml_stream, encode_yaml_stream, k8s_context, fall_back_on, sync, port_forward, link, text_input]
    functions = {function.__name__: records(function) for function in written_down}
    functions.update({function.__name__: function for function in plain})
    # As Tilt has it.
    starlark_go.configure_starlark(allow_global_reassign=True, allow_recursion=True, allow_set=True)
    starlark_go.Starlark(globals=functions).exec(source, filename=sys.argv[1])
    json.dump({'calls': calls, 'applied': applied}, sys.stdout, default=str)


main()
