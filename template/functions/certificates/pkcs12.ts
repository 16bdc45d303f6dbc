import { unicodeText } from '../../byte-string.ts'
import { FunctionFailure, type FunctionTable, heavyCost, takes } from '../definition.ts'
import type { Certificate } from './certificate.ts'
import { certificatesIn, certificatesText, chainOf } from './chain.ts'
import { pemBlocks, pemText } from './pem.ts'
import { privateKeyOf } from './pem-functions.ts'
import { type Pkcs12Content, readPkcs12 } from './pkcs12-reader.ts'
import { type Pkcs12Wish, writePkcs12 } from './pkcs12-writer.ts'

type Random = Pkcs12Wish['random']

/** PKCS#12 archives and their parts. Those that derive keys from passwords take some ten milliseconds each. */
export const pkcs12Functions: FunctionTable = {
  pkcs12key: takes(['string'], ([archive]) => keyText(archive, ''), heavyCost),
  pkcs12keyPass: takes(['string', 'string'], ([password, archive]) => keyText(archive, password), heavyCost),
  pkcs12cert: takes(['string'], ([archive]) => certificateText(archive, ''), heavyCost),
  pkcs12certPass: takes(['string', 'string'], ([password, archive]) => certificateText(archive, password), heavyCost),
  pemToPkcs12: takes(
    ['string', 'string'],
    ([text, key], { random }) => archiveOf(firstOf(text), key, { password: '', random }),
    heavyCost,
  ),
  pemToPkcs12Pass: takes(
    ['string', 'string', 'string'],
    ([text, key, password], { random }) => archiveOf(firstOf(text), key, { password, random }),
    heavyCost,
  ),
  fullPemToPkcs12: takes(
    ['string', 'string'],
    ([text, key], { random }) => archiveOf(allOf(text), key, { password: '', random }),
    heavyCost,
  ),
  fullPemToPkcs12Pass: takes(
    ['string', 'string', 'string'],
    ([text, key, password], { random }) => archiveOf(allOf(text), key, { password, random }),
    heavyCost,
  ),
  pemTruststoreToPKCS12: takes(
    ['string'],
    ([text], { random }) => trustStoreOf(text, { password: '', random }),
    heavyCost,
  ),
  pemTruststoreToPKCS12Pass: takes(
    ['string', 'string'],
    ([text, password], { random }) => trustStoreOf(text, { password, random }),
    heavyCost,
  ),
}

function contentOf(archive: string, password: string, about: string): Pkcs12Content {
  try {
    return readPkcs12(archive, unicodeText(password))
  } catch {
    throw new FunctionFailure(`unable to decode pkcs12 ${about}with password`)
  }
}

function keyText(archive: string, password: string): string {
  const { key } = contentOf(archive, password, '')
  if (!key) throw new FunctionFailure('the archive holds no private key')
  return pemText({ type: 'PRIVATE KEY', bytes: key.export({ type: 'pkcs8', format: 'der' }) })
}

function certificateText(archive: string, password: string): string {
  const { certificates } = contentOf(archive, password, 'certificate ')
  return certificatesText(orderedChain(certificates))
}

/** From the leaf to the root where they are one chain, else as they come. */
function orderedChain(certificates: readonly Certificate[]): readonly Certificate[] {
  try {
    return chainOf(certificates)
  } catch {
    return certificates
  }
}

function firstOf(text: string): readonly Certificate[] {
  const [first] = certificatesIn(text)
  return [first ?? refuse('there is no certificate')]
}

function allOf(text: string): readonly Certificate[] {
  const certificates = certificatesIn(text)
  if (pemBlocks(text).rest.trim() !== '') refuse('something other follows the certificates')
  return certificates.length > 0 ? certificates : refuse('there is no certificate')
}

interface Sealing {
  readonly password: string
  readonly random: Random
}

function archiveOf(certificates: readonly Certificate[], keyPem: string, { password, random }: Sealing): string {
  const [block] = pemBlocks(keyPem).blocks
  const key = block ? privateKeyOf(block.bytes) : refuse('failed to decode the PEM block of the key')
  if (!key) return refuse('unable to parse private key type')
  const raws = certificates.map(({ raw }) => raw)
  return writePkcs12({ key, certificates: raws, password: unicodeText(password), random }).toString('base64')
}

function trustStoreOf(text: string, { password, random }: Sealing): string {
  const certificates = allOf(text).map(({ raw }) => raw)
  return writePkcs12({ certificates, password: unicodeText(password), random }).toString('base64')
}

function refuse(reason: string): never {
  throw new FunctionFailure(reason)
}
