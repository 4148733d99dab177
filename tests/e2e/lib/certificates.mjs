// Certificates made on the spot by the openssl command, so that none can expire in the tree.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

function openssl(dir, ...args) {
  execFileSync('openssl', args, {cwd: dir, stdio: ['ignore', 'pipe', 'pipe']});
}

// A certificate authority in `dir`; issue(name) makes leaf certificates below it.
export function certificateAuthority(dir, name = 'ca') {
  openssl(
      dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
      `/CN=gatehouse test ${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  let serial = 0;
  return {
    certFile: path.join(dir, `${name}.pem`),
    cert: readFileSync(path.join(dir, `${name}.pem`)),
    // A leaf for localhost and 127.0.0.1, good for servers and clients. `into` names the files.
    issue(commonName, {into = commonName, names = 'DNS:localhost,IP:127.0.0.1'} = {}) {
      serial += 1;
      const request = `${name}-${serial}.csr`;
      const extensions = `${name}-${serial}.cnf`;
      writeFileSync(
          path.join(dir, extensions),
          `subjectAltName=${names}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n` +
              'extendedKeyUsage=serverAuth,clientAuth\n');
      openssl(
          dir, 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${commonName}`,
          '-keyout', `${into}.key`, '-out', request);
      openssl(
          dir, 'x509', '-req', '-in', request, '-CA', `${name}.pem`, '-CAkey', `${name}.key`, '-set_serial',
          String(serial), '-days', '2', '-extfile', extensions, '-out', `${into}.pem`);
      const certFile = path.join(dir, `${into}.pem`);
      const keyFile = path.join(dir, `${into}.key`);
      return {certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile)};
    },
  };
}
